import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import { IdleActors } from '../../src/actor/idle-actors.js';
import { LiveActors } from '../../src/actor/live-actors.js';
import { queuedCommand } from '../../src/actor/queued-command.js';
import { streamKey } from '../../src/messages/ids.js';
import { ActorList } from '../../src/shard/actor-list.js';
import { QuarantinedStreams } from '../../src/shard/quarantine.js';
import type { ActorsQuestion } from '../../src/shard/questions.js';
import { account } from '../support/account.js';

const ALL: ActorsQuestion = { minMailbox: 0, sort: 'id', limit: 1000 };
const definition = account as unknown as Aggregate;
const name = (i: number) => `id-${String(i).padStart(5, '0')}`;

/** Actors without threads around them, and a clock that a list's work moves. */
class Scene {
  readonly live = new LiveActors();
  readonly idle = new IdleActors();
  readonly quarantine = new QuarantinedStreams();
  readonly turns: number[] = [];
  /** Called between two turns of a list. */
  meanwhile: () => void = () => undefined;
  private time = 0;
  private lookedAt = 0;
  readonly list = new ActorList(
    { live: this.live, idle: this.idle, quarantine: this.quarantine, now: () => 1000 },
    {
      turnMs: 2,
      // Each look at the clock finds it half a millisecond later.
      now: () => {
        this.lookedAt += 1;
        this.time += 0.5;
        return this.time;
      },
      nextTurn: async () => {
        this.turns.push(this.lookedAt);
        this.meanwhile();
      },
    },
  );

  actor(i: number, mailbox = 0): Actor {
    const id = name(i);
    const actor = new Actor(streamKey('account', id), id, 0, definition);
    actor.status = 'ready';
    for (let k = 0; k < mailbox; k++) {
      const message = { type: 'deposit', commandId: `${id}-${k}` } as never;
      actor.mailbox.push(queuedCommand(message, undefined, { data: 0, hash: '' }, 400 + i));
    }
    return actor;
  }
}

const ids = (page: { readonly actors: readonly { readonly id: string }[] }) =>
  page.actors.map((actor) => actor.id);

describe('a list of live actors', () => {
  it('takes no more than its share of a turn, and gives the rest of it to others', async () => {
    const scene = new Scene();
    for (let i = 0; i < 10_000; i++) scene.idle.add(scene.actor(i));
    const page = await scene.list.page({ ...ALL, limit: 10 });
    expect(page.total).toBe(10_000);
    expect(ids(page)).toEqual(Array.from({ length: 10 }, (_, i) => name(i)));
    // 156 looks at the clock, one for 64 actors; after 2 ms, which are four of them, the turn ends.
    expect(scene.turns.length).toBeGreaterThanOrEqual(30);
  });

  it('holds every actor exactly once that is in memory all the while, however it moves', async () => {
    const scene = new Scene();
    const actors = Array.from({ length: 3000 }, (_, i) => scene.actor(i));
    for (const actor of actors)
      if (Number(actor.id.slice(3)) % 2) scene.idle.add(actor);
      else scene.live.add(actor);
    let step = 0;
    scene.meanwhile = () => {
      for (let k = 0; k < 150; k++) {
        const actor = actors[(step++ * 7919) % actors.length]!;
        if (scene.idle.take(actor.key)) scene.live.add(actor);
        else if (scene.live.delete(actor)) scene.idle.add(actor);
      }
    };
    const found = new Set<string>();
    let after: ActorsQuestion['after'];
    do {
      const page = await scene.list.page({ ...ALL, after, limit: 250 });
      expect(page.total).toBe(3000);
      for (const { id } of page.actors) {
        expect(found.has(id), id).toBe(false);
        found.add(id);
      }
      after = page.actors.at(-1);
    } while (after);
    expect(found.size).toBe(3000);
    expect(step).toBeGreaterThan(3000);
  });

  it('is sorted by a figure, the highest first, and goes on after a place', async () => {
    const scene = new Scene();
    for (let i = 0; i < 20; i++) scene.live.add(scene.actor(i, i % 4));
    const first = await scene.list.page({ ...ALL, sort: 'mailbox', minMailbox: 1, limit: 7 });
    expect(first.total).toBe(15);
    expect(first.actors.map((actor) => actor.mailbox)).toEqual([3, 3, 3, 3, 3, 2, 2]);
    const after = first.actors.at(-1);
    const rest = await scene.list.page({ ...ALL, sort: 'mailbox', minMailbox: 1, after });
    expect(rest.actors.map((actor) => actor.mailbox)).toEqual([2, 2, 2, 1, 1, 1, 1, 1]);
    const oldest = await scene.list.page({ ...ALL, sort: 'waiting', limit: 2 });
    expect(oldest.actors).toMatchObject([{ id: name(1), headAgeMs: 599 }, { id: name(2) }]);
  });

  it('is filtered by aggregate, start of the id, mailbox and status', async () => {
    const scene = new Scene();
    for (let i = 0; i < 12; i++) scene.live.add(scene.actor(i, i === 3 ? 2 : 0));
    scene.idle.add(scene.actor(20));
    const since = { who: 'Ada', why: 'a test', since: 0 };
    scene.quarantine.set([{ aggregate: 'account', id: name(20), ...since }]);
    const found = async (some: Partial<ActorsQuestion>) =>
      ids(await scene.list.page({ ...ALL, ...some }));
    expect(await found({ aggregate: 'other' })).toEqual([]);
    expect(await found({ idPrefix: 'id-0001' })).toEqual([name(10), name(11)]);
    expect(await found({ minMailbox: 1 })).toEqual([name(3)]);
    expect(await found({ status: 'busy' })).toEqual([name(3)]);
    expect(await found({ status: 'quarantined' })).toEqual([name(20)]);
    expect(await found({ status: 'idle' })).toHaveLength(11);
  });

  it('comes after the one before it, so that many take no more of a turn than one', async () => {
    const scene = new Scene();
    for (let i = 0; i < 1000; i++) scene.idle.add(scene.actor(i));
    let [open, most] = [0, 0];
    const watch = scene.idle.watch.bind(scene.idle);
    scene.idle.watch = (list) => {
      open += 1;
      most = Math.max(most, open);
      const end = watch(list);
      return () => {
        open -= 1;
        end();
      };
    };
    const pages = await Promise.all(Array.from({ length: 5 }, () => scene.list.page(ALL)));
    expect(pages.map((page) => page.total)).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect({ open, most }).toEqual({ open: 0, most: 1 });
  });
});
