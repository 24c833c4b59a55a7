import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { type ServerProxy, startProxy } from '../postgres/support/proxy.js';
import { untilLockLookedUp } from '../postgres/support/until-lock-looked-up.js';
import { useLog } from '../postgres/support/use-log.js';
import { databaseUrl } from '../support/postgres.js';
import { watch } from '../support/settling.js';

const log = useLog();
const row = (id: string) => eventRow({ aggregate: 'now', id }, 1);

describe('the end of the log, from which a reader follows it', () => {
  let proxy: ServerProxy;
  beforeAll(async () => {
    proxy = await startProxy(databaseUrl());
  });
  afterAll(() => proxy.close());

  it('H32 is told only when nothing below it can still be committed', async () => {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    const below = await log.insert(stranger, row('late'));
    const [last] = await log.stored([row('early')]);
    expect(last).toBeGreaterThan(below);

    const reader = log.open({}, proxy.url);
    const end = watch(reader.settledEnd());
    await untilLockLookedUp(proxy, 3);
    expect(end.settled).toBe(false);
    await stranger.query('COMMIT');

    expect(await end.promise).toBe(last);
    const later = await log.stored([row('later')]);
    const read = async (after: number) =>
      (await reader.readAll({ after, limit: 10 })).map((event) => event.position);
    // What was under way stands before the end: part of what a reader from now on leaves out, not lost behind it.
    expect(await read(log.writer.afterPosition)).toEqual([below, last, ...later]);
    expect(await read(last ?? 0)).toEqual(later);
  });
});
