import { describe, expect, it } from 'vitest';
import { batchOf, eventRow, eventRows } from '../contract/batches.js';
import { positionsOf } from '../contract/store-contract.js';
import { useLog } from './support/use-log.js';

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

  it('H22 returns to each of two interleaved batches the positions of its own rows', async () => {
    const writers = await Promise.all(
      ['x', 'y'].map(async (own) => ({
        own,
        store: log.open(),
        writer: await log.store.registerWriter(),
      })),
    );
    let interleaved = 0;
    for (let round = 0; round < 20; round++) {
      const ranges = await Promise.all(
        writers.map(async ({ own, store, writer }) => {
          const rows = Array.from({ length: 400 }, (_, i) =>
            eventRow({ aggregate: 'h22', id: `${own}${round}-${(i * 7919) % 400}` }, 1),
          );
          const batch = batchOf({ rows });
          const positions = positionsOf(await store.append(writer, batch));
          const heads = await store.heads(batch.rows);
          expect(positions).toEqual(heads.map((head) => head.position));
          return { first: positions[0]!, last: positions.at(-1)! };
        }),
      );
      if (ranges[0]!.first < ranges[1]!.last && ranges[1]!.first < ranges[0]!.last) interleaved++;
    }
    expect(interleaved, 'rounds in which the batches did interleave').toBeGreaterThan(0);
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
