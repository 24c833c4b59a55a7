import { describe, expect, it } from 'vitest';
import type { AppendBatch } from '../../src/store/append.js';
import { batchOf, eventRow, outcomeRow } from '../contract/batches.js';
import { untilWaiting, useLog } from './support/use-log.js';

const log = useLog();

describe('locks in Postgres', () => {
  it('H17 gives up an append that waits for a row of somebody else, and stores nothing of it', async () => {
    const held = { aggregate: 'h17', id: 'held' };
    const free = { aggregate: 'h17', id: 'free' };
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await log.insert(stranger, eventRow(held, 1));
    const rows = [eventRow(free, 1), eventRow(held, 1)];
    const startedAt = performance.now();
    expect((await log.append({ rows, lockTimeoutMs: 50 })).kind).toBe('locked');
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await log.store.heads([free])).toMatchObject([{ version: 0 }]);
    expect((await log.append({ rows: [eventRow(free, 1)], lockTimeoutMs: 50 })).kind).toBe(
      'stored',
    );
    await stranger.query('ROLLBACK');
    expect((await log.append({ rows: [eventRow(held, 1)], lockTimeoutMs: 50 })).kind).toBe(
      'stored',
    );
  });

  it('H17 waits no longer than told for a key that somebody else is storing', async () => {
    const outcomes = [outcomeRow({ aggregate: 'h17', id: 'key' }, 'key')];
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await stranger.query(
      `INSERT INTO ${log.log.schema}.outcomes VALUES ('h17', 'key', 'key', '', '', 0, 0, NULL, 'infinity')`,
    );
    expect((await log.append({ outcomes, lockTimeoutMs: 50 })).kind).toBe('locked');
    await stranger.query('COMMIT');
    expect((await log.append({ outcomes, lockTimeoutMs: 50 })).kind).toBe('conflict');
  });

  const streams = ['a', 'm', 'z'].map((id) => ({ aggregate: 'deadlock', id }));

  it('H17 lets batches of the same ids wait for each other without a deadlock, as rows are sorted', async () => {
    const rows = streams.map((stream) => eventRow(stream, 1));
    const kinds = await race(batchOf({ rows }), batchOf({ rows: rows.toReversed() }), rows[1]!);
    expect(kinds).toEqual(['conflict', 'stored']);
  });

  it('H17 would deadlock if rows were not sorted, and reports that as locked', async () => {
    const rows = streams.map((stream) => eventRow(stream, 2));
    const sorted = batchOf({ rows });
    const kinds = await race(sorted, { ...sorted, rows: rows.toReversed() }, rows[1]!);
    expect(kinds).toContain('locked');
  });

  it('H17 lets batches with the same keys wait for each other without a deadlock, in any order', async () => {
    const outcomes = streams.map((stream) => outcomeRow(stream, 'key'));
    const held = { ...outcomes[1]!, keepMs: 60_000 };
    const batches = [batchOf({ outcomes }), batchOf({ outcomes: outcomes.toReversed() })] as const;
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await stranger.query(
      `INSERT INTO ${log.log.schema}.outcomes VALUES ($1, $2, $3, '', '', 0, 0, NULL, 'infinity')`,
      [held.aggregate, held.id, held.key],
    );
    expect(await settleBoth(batches, () => stranger.query('ROLLBACK'))).toEqual([
      'conflict',
      'stored',
    ]);
  });

  /** Appends both while somebody else holds a row in their middle, lets them go on, returns the results. */
  async function race(one: AppendBatch, two: AppendBatch, middle: AppendBatch['rows'][number]) {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await log.insert(stranger, middle);
    return settleBoth([one, two], () => stranger.query('ROLLBACK'));
  }

  async function settleBoth(batches: readonly AppendBatch[], letGo: () => Promise<unknown>) {
    const observer = await log.stranger();
    const running: Promise<{ kind: string }>[] = [];
    for (const batch of batches) {
      running.push(log.open().append(log.writer, { ...batch, lockTimeoutMs: 20_000 }));
      const waiting = {
        application: 'troupe commit',
        lock: 'transactionid',
        query: log.log.schema,
      };
      await untilWaiting(observer, { ...waiting, count: running.length });
    }
    await letGo();
    return (await Promise.all(running)).map((result) => result.kind).sort();
  }
});
