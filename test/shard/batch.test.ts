import fc from 'fast-check';
import type { Aggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { Actor } from '../../src/actor/actor.js';
import type { Decision } from '../../src/actor/decision.js';
import { compareCodePoints } from '../../src/messages/ids.js';
import { actorsOf, batchLength, composeBatch } from '../../src/shard/batch.js';
import { eventRow } from '../contract/batches.js';
import { account } from '../support/account.js';

function actorOf(id: string, version = 0): Actor {
  const actor = new Actor(id, id, 0, account as unknown as Aggregate); // which one does not matter here
  actor.version = version;
  return actor;
}

/** A decision of so many events on top of what its actor has decided before. */
function decisionOf(actor: Actor, count: number, bytes = 100): Decision {
  const fromVersion = actor.version;
  actor.version += count;
  const stream = { aggregate: 'account', id: actor.id };
  const rows = Array.from({ length: count }, (_, i) => eventRow(stream, fromVersion + i + 1));
  const rest = { outcome: undefined, timers: undefined, snapshot: undefined, command: {} as never };
  return {
    actor,
    rows,
    fromVersion,
    toVersion: actor.version,
    bytes,
    answer: () => ({}) as never,
    ...rest,
  };
}

const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 5,
});

describe('a batch', () => {
  it('takes from the front what fits by rows, an answer without events counting as one', () => {
    const actor = actorOf('a');
    const decisions = [2, 0, 3, 1].map((count) => decisionOf(actor, count));
    const limits = { maxRows: 6, maxBytes: 10_000 };
    expect(batchLength(decisions, limits)).toBe(3);
    expect(batchLength(decisions, { ...limits, maxRows: 7 })).toBe(4);
  });

  it('takes from the front what fits by bytes, and one in any case', () => {
    const actor = actorOf('a');
    const decisions = [500, 400, 300].map((bytes) => decisionOf(actor, 1, bytes));
    expect(batchLength(decisions, { maxRows: 10, maxBytes: 900 })).toBe(2);
    expect(batchLength(decisions, { maxRows: 10, maxBytes: 10 })).toBe(1);
    expect(batchLength([], { maxRows: 10, maxBytes: 10 })).toBe(0);
  });

  it('sorts the rows by stream in code points and by version, and keeps decisions whole', () => {
    fc.assert(
      fc.property(
        names,
        fc.array(fc.tuple(fc.nat(4), fc.nat(3)), { maxLength: 20 }),
        (ids, picks) => {
          const actors = ids.map((id) => actorOf(id));
          const decisions = picks.map(([n, count]) =>
            decisionOf(actors[n % actors.length] as Actor, count),
          );
          const { batch, sorted } = composeBatch(decisions, {
            lockTimeoutMs: 1000,
            exclusive: false,
          });
          const inOrder = [...batch.rows].sort(
            (a, b) => compareCodePoints(a.id, b.id) || a.version - b.version,
          );
          expect(batch.rows).toEqual(inOrder);
          expect(sorted.flatMap((decision) => decision.rows)).toEqual(batch.rows);
          expect(new Set(sorted)).toEqual(new Set(decisions));
        },
      ),
    );
  });

  it('asserts each stream that it answers for without storing, once, at the version it was decided on', () => {
    const [quiet, busy, both] = [actorOf('quiet', 7), actorOf('busy', 3), actorOf('both', 5)];
    const decisions = [
      ...[decisionOf(quiet, 0), decisionOf(busy, 2), decisionOf(both, 0)],
      ...[decisionOf(quiet, 0), decisionOf(both, 1), decisionOf(both, 0)],
    ];
    expect(
      composeBatch(decisions, { lockTimeoutMs: 1000, exclusive: false }).batch.assertions,
    ).toEqual([{ aggregate: 'account', id: 'quiet', version: 7 }]);
  });

  it('carries the outcomes of keyed commands and the lock timeout', () => {
    const actor = actorOf('a');
    const outcome = { key: 'k' } as never;
    const decisions = [decisionOf(actor, 1), { ...decisionOf(actor, 0), outcome }];
    expect(composeBatch(decisions, { lockTimeoutMs: 77, exclusive: false }).batch).toMatchObject({
      outcomes: [outcome],
      lockTimeoutMs: 77,
    });
  });

  it('names its actors once each, in order', () => {
    const [a, b] = [actorOf('a'), actorOf('b')];
    const decisions = [decisionOf(b, 1), decisionOf(a, 1), decisionOf(b, 0)];
    expect(actorsOf(decisions).map((actor) => actor.id)).toEqual(['b', 'a']);
  });
});
