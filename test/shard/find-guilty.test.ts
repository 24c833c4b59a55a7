import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import type { Decision } from '../../src/actor/decision.js';
import { findGuilty } from '../../src/shard/find-guilty.js';
import { createMemoryStore } from '../../src/store/memory-store.js';
import { batchOf, eventRows, outcomeRow } from '../contract/batches.js';
import { account } from '../support/account.js';

function actorAt(id: string, version: number): Actor {
  const actor = new Actor(id, id, 0, account as unknown as Aggregate); // which one does not matter here
  actor.committed = { version, position: 1, commandId: 'c' };
  return actor;
}

function decisionOf(actor: Actor, key = ''): Decision {
  const message = { aggregate: 'account', id: actor.id, key };
  const outcome = key === '' ? undefined : outcomeRow(message, key);
  return { actor, command: { message }, outcome, rows: [] } as unknown as Decision; // all it looks at
}

describe('the guilty of a conflict', () => {
  it('are those whose stream has moved on, asked of the log', async () => {
    const guilty = await findGuilty(await storeWith({ a: 2, b: 3, c: 1 }), [
      ...[decisionOf(actorAt('a', 2)), decisionOf(actorAt('b', 2))],
      ...[decisionOf(actorAt('c', 1)), decisionOf(actorAt('d', 0))],
    ]);
    expect([...guilty].map((actor) => actor.id)).toEqual(['b']);
  });

  it('are also those whose key is taken', async () => {
    const store = await storeWith({ a: 1, b: 1 }, [['b', 'key']]);
    const [a, b] = [actorAt('a', 1), actorAt('b', 1)];
    const guilty = await findGuilty(store, [
      decisionOf(a, 'key'),
      decisionOf(b, 'other'),
      decisionOf(b, 'key'),
    ]);
    expect([...guilty]).toEqual([b]);
  });

  it('are all if none is found, since what stood in the way may be gone again', async () => {
    const store = await storeWith({ a: 1, b: 1 });
    const guilty = await findGuilty(store, [
      decisionOf(actorAt('a', 1), 'key'),
      decisionOf(actorAt('b', 1)),
    ]);
    expect(guilty.size).toBe(2);
  });

  async function storeWith(versions: Record<string, number>, keys: [string, string][] = []) {
    const store = createMemoryStore();
    const writer = await store.registerWriter();
    const rows = Object.entries(versions).flatMap(([id, version]) =>
      eventRows({ aggregate: 'account', id }, 1, version),
    );
    const outcomes = keys.map(([id, key]) => outcomeRow({ aggregate: 'account', id }, key));
    await store.append(writer, batchOf({ rows, outcomes }));
    return store;
  }
});
