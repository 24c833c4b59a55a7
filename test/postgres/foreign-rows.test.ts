import { describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('rows that others wrote', () => {
  it('H25 are read although their JSON holds what text in Postgres cannot', async () => {
    const stream = { aggregate: 'h25', id: 'a' };
    const odd = '{"zero":"a\\u0000b","lone":"\\ud800","twice":1,"twice":2,"big":1e999}';
    const stranger = await log.stranger();
    const first = await log.insert(stranger, eventRow(stream, 1));
    await log.insert(stranger, eventRow(stream, 2, { data: odd, metadata: odd }));
    await log.insert(stranger, eventRow(stream, 3));
    // Such a row breaks a statement that looks into the payload.
    const look = stranger.query(`SELECT data ->> 'zero' FROM ${log.log.schema}.events`);
    await expect(look).rejects.toMatchObject({ code: '22P05' });

    const { store } = log;
    const pages = [
      await store.readAll({ after: first - 1, limit: 10 }),
      await store.readStream(stream, { after: 0, limit: 10 }),
      (await store.readRanges([{ ...stream, after: 0, upTo: 3 }]))[0]!,
      (await store.load([{ ...stream, stateVersion: 1 }]))[0]!.events,
    ];
    for (const page of pages) {
      expect(page.map((event) => event.version)).toEqual([1, 2, 3]);
      expect(page[1]!.data).toBe(odd);
    }
    expect(JSON.parse(pages[0]![1]!.data)).toMatchObject({ zero: 'a\0b', lone: '\ud800' });
  });
});
