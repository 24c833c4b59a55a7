import { describe, expect, it } from 'vitest';
import { batchOf, eventRow, eventRows } from '../contract/batches.js';
import { positionsOf } from '../contract/store-contract.js';
import { untilWaiting, useLog } from './support/use-log.js';

const log = useLog();

describe('conflicts in Postgres', () => {
  it('H18 finds whose version was taken by the heads, for ids that would confuse an error text', async () => {
    const ids = ['q, 7)=(z', 'q', '7)=(z', '(q, 7)', 'ид, 1) already exists.'];
    const streams = ids.map((id) => ({ aggregate: 'h18', id }));
    await log.stored([eventRow(streams[0]!, 1)]);
    const result = await log.append({ rows: streams.map((stream) => eventRow(stream, 1)) });
    expect(result.kind).toBe('conflict');
    const heads = await log.store.heads(streams);
    expect(heads.filter((head) => head.version > 0).map((head) => head.id)).toEqual(['q, 7)=(z']);
  });

  it('H22 returns the positions of its own rows to a batch that another one cut in two', async () => {
    const streams = Array.from({ length: 100 }, (_, i) => ({ aggregate: 'h22', id: `x${i}` }));
    const batch = batchOf({ rows: streams.map((stream) => eventRow(stream, 1)) });
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await log.insert(stranger, batch.rows[50]!);
    const appending = log.open().append(log.writer, batch);
    const waiting = { application: 'troupe commit', lock: 'transactionid', query: log.log.schema };
    await untilWaiting(await log.stranger(), waiting);
    const between = await log.stored(eventRows({ aggregate: 'h22', id: 'y' }, 1, 10));
    await stranger.query('ROLLBACK');

    const positions = positionsOf(await appending);
    expect(positions[0]).toBeLessThan(between[0]!);
    expect(positions.at(-1)).toBeGreaterThan(between.at(-1)!);
    const heads = await log.store.heads(batch.rows);
    expect(positions).toEqual(heads.map((head) => head.position));
    const y = await log.store.readStream({ aggregate: 'h22', id: 'y' }, { after: 0, limit: 10 });
    expect(y.map((event) => event.position)).toEqual(between);
  });

  it('H23 counts versions beyond 2^31 and refuses those beyond the safe integers', async () => {
    const stream = { aggregate: 'h23', id: 'a' };
    const stranger = await log.stranger();
    await log.insert(stranger, eventRow(stream, 2 ** 31 - 1));
    await log.stored(eventRows(stream, 2 ** 31, 2 ** 31 + 1));
    expect(await log.store.heads([stream])).toMatchObject([{ version: 2 ** 31 + 1 }]);
    const assertions = [{ ...stream, version: 2 ** 31 + 1 }];
    expect((await log.append({ assertions })).kind).toBe('stored');
    const [tail] = await log.store.load([
      { ...stream, stateVersion: 1, knownVersion: 2 ** 31, tailOnly: true },
    ]);
    expect(tail!.events.map((event) => event.version)).toEqual([2 ** 31 + 1]);

    await log.stored([eventRow(stream, Number.MAX_SAFE_INTEGER)]);
    const beyond = eventRow(stream, Number.MAX_SAFE_INTEGER + 1);
    expect((await log.append({ rows: [beyond] })).kind).toBe('invalid');
    await expect(log.insert(stranger, beyond)).rejects.toMatchObject({ code: '23514' });
  });
});
