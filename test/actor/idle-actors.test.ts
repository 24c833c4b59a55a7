import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import { IdleActors } from '../../src/actor/idle-actors.js';
import { account } from '../support/account.js';

const NO_PRESSURE = { idleMs: 1000, heapBytes: 100 };

function idleActor(id: string, idleSince = 0): Actor {
  const definition = account as unknown as Aggregate; // which one does not matter here
  const actor = new Actor(id, id, 0, definition);
  actor.idleSince = idleSince;
  return actor;
}

function idleActors(...actors: Actor[]): IdleActors {
  const idle = new IdleActors();
  for (const actor of actors) idle.add(actor);
  return idle;
}

const ids = (actors: readonly Actor[]) => actors.map((actor) => actor.id);

describe('idle actors', () => {
  it('leave when they have been idle long enough, longest idle first', () => {
    const idle = idleActors(idleActor('a', 0), idleActor('b', 400), idleActor('c', 800));
    expect(ids(idle.sweep(NO_PRESSURE, 999, 0))).toEqual([]);
    expect(ids(idle.sweep(NO_PRESSURE, 1400, 0))).toEqual(['a', 'b']);
    expect(idle.size).toBe(1);
  });

  it('leave a tenth at a time while the heap is over its budget, longest idle first', () => {
    const idle = idleActors(...Array.from({ length: 25 }, (_, i) => idleActor(`${i}`)));
    expect(ids(idle.sweep(NO_PRESSURE, 1, 101))).toEqual(['0', '1', '2']);
    expect(ids(idle.sweep(NO_PRESSURE, 1, 101))).toEqual(['3', '4', '5']);
    expect(ids(idle.sweep(NO_PRESSURE, 1, 100))).toEqual([]);
    expect(idle.size).toBe(19);
  });

  it('all leave in the end under lasting pressure, down to the last', () => {
    const idle = idleActors(...Array.from({ length: 7 }, (_, i) => idleActor(`${i}`)));
    for (let i = 0; i < 7; i++) expect(idle.sweep(NO_PRESSURE, 1, 101)).toHaveLength(1);
    expect(idle.sweep(NO_PRESSURE, 1, 101)).toEqual([]);
  });

  it('are taken out once by whoever has work for them, and come back as the youngest', () => {
    const first = idleActor('a');
    const idle = idleActors(first, idleActor('b'));
    expect(idle.take('a')).toBe(first);
    expect(idle.take('a')).toBeUndefined();
    first.idleSince = 500;
    idle.add(first);
    expect(ids(idle.sweep(NO_PRESSURE, 1000, 0))).toEqual(['b']);
  });

  it('are all given back when drained', () => {
    const idle = idleActors(idleActor('a'), idleActor('b'));
    expect(ids(idle.drain()).sort()).toEqual(['a', 'b']);
    expect(idle.size).toBe(0);
  });
});
