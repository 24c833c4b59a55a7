import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import { RunQueue } from '../../src/shard/run-queue.js';
import { account } from '../support/account.js';

const microtask = () => new Promise<void>((resolve) => queueMicrotask(resolve));
const actorOf = (id: string) => new Actor(id, id, 0, account as unknown as Aggregate);

describe('the run queue', () => {
  it('runs actors after the turn that added them, first come first served, each once', async () => {
    const ran: string[] = [];
    const queue = new RunQueue((actor) => ran.push(actor.id));
    const [a, b] = [actorOf('a'), actorOf('b')];
    queue.add(b);
    queue.add(a);
    queue.add(b);
    expect(ran).toEqual([]);
    await microtask();
    expect(ran).toEqual(['b', 'a']);
  });

  it('lets an actor that has more to do wait behind the others', async () => {
    const ran: string[] = [];
    const queue: RunQueue = new RunQueue((actor) => {
      ran.push(actor.id);
      if (ran.length < 5) queue.add(actor);
    });
    queue.add(actorOf('a'));
    queue.add(actorOf('b'));
    await microtask();
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('keeps a paused actor until there is room, also if it is added meanwhile', async () => {
    const ran: string[] = [];
    let full = true;
    const queue: RunQueue = new RunQueue((actor) =>
      full ? queue.pause(actor) : ran.push(actor.id),
    );
    const actor = actorOf('a');
    queue.add(actor);
    await microtask();
    queue.add(actor);
    await microtask();
    expect(ran).toEqual([]);
    full = false;
    queue.resume();
    await microtask();
    expect(ran).toEqual(['a']);
    queue.resume();
    await microtask();
    expect(ran).toEqual(['a']);
  });
});
