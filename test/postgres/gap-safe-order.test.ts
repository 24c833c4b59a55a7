import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresStore } from '../../src/postgres/postgres-store.js';
import { eventRow, eventRows } from '../contract/batches.js';
import { databaseUrl } from '../support/postgres.js';
import { type ServerProxy, startProxy } from './support/proxy.js';
import { untilLockLookedUp } from './support/until-lock-looked-up.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('reading the whole log', () => {
  let proxy: ServerProxy;
  let reader: PostgresStore;

  beforeAll(async () => {
    proxy = await startProxy(databaseUrl());
  });
  beforeEach(() => {
    reader = log.open({}, proxy.url);
  });
  afterAll(() => proxy.close());

  it('waits for an open transaction with a lower position, and loses nothing of it', async () => {
    const { stranger, position } = await openTransaction('late');
    const later = await log.stored(eventRows({ aggregate: 'gap', id: 'early' }, 1, 3));
    expect(later[0]).toBeGreaterThan(position);
    const reading = settled(readAll());
    await reading.waits();
    await stranger.query('COMMIT');
    expect(await reading.result).toEqual([position, ...later]);
  });

  it('skips a position that was rolled back', async () => {
    const { stranger, position } = await openTransaction('never');
    const later = await log.stored([eventRow({ aggregate: 'gap', id: 'after' }, 1)]);
    const reading = settled(readAll());
    await reading.waits();
    await stranger.query('ROLLBACK');
    expect(await reading.result).toEqual(later);
    expect(later).not.toContain(position);
    expect(await readAll()).toEqual(later);
  });

  it('waits for a transaction whose connection is lost', async () => {
    const { stranger, position } = await openTransaction('lost');
    const later = await log.stored([eventRow({ aggregate: 'gap', id: 'kept' }, 1)]);
    const reading = settled(readAll());
    await reading.waits();
    await stranger.end();
    expect(await reading.result).toEqual(later);
    expect(later).not.toContain(position);
  });

  it('does not wait for a transaction that has nothing to do with the log', async () => {
    const stranger = await log.stranger();
    await stranger.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await stranger.query('SELECT pg_current_xact_id()');
    const dead = await openTransaction('dead');
    await dead.stranger.query('ROLLBACK');
    const positions = await log.stored([eventRow({ aggregate: 'gap', id: 'unrelated' }, 1)]);
    expect(await readAll()).toEqual(positions);
    await stranger.query('ROLLBACK');
  });

  it('waits for those that held the lock when it saw the hole, not for those that came later', async () => {
    const dead = await openTransaction('dead2');
    await dead.stranger.query('ROLLBACK');
    const positions = await log.stored([eventRow({ aggregate: 'gap', id: 'seen' }, 1)]);
    const { stranger } = await openTransaction('newer');
    const reading = settled(readAll());
    // It cannot fill the hole, but holds the lock when the hole is seen.
    await reading.waits();
    await openTransaction('newest'); // but not this one, which would keep the page for ever
    await stranger.query('ROLLBACK');
    expect(await reading.result).toEqual(positions);
  });

  it('stops a page at its limit, although a filled hole made it longer', async () => {
    const { stranger, position } = await openTransaction('filler');
    const later = await log.stored(eventRows({ aggregate: 'gap', id: 'page' }, 1, 5));
    const reading = settled(readAll(2));
    await reading.waits();
    await stranger.query('COMMIT');
    expect(await reading.result).toEqual([position, later[0]]);
  });

  it('returns nothing, and waits for nothing, where only an open transaction has written', async () => {
    await openTransaction('alone');
    expect(await readAll()).toEqual([]);
  });

  it('tells who keeps a hole open for more than five seconds', { timeout: 20_000 }, async () => {
    const stalled: [number, readonly number[]][] = [];
    const store = log.open({ onStalled: (after, pids) => stalled.push([after, pids]) });
    const { stranger, position } = await openTransaction('stalled');
    const later = await log.stored([eventRow({ aggregate: 'gap', id: 'behind' }, 1)]);
    const after = log.writer.afterPosition;
    const reading = store.readAll({ after, limit: 10 });
    await expect.poll(() => stalled, { timeout: 15_000, interval: 50 }).toHaveLength(1);
    const { pid } = (await stranger.query('SELECT pg_backend_pid() AS pid')).rows[0];
    expect(stalled).toEqual([[after, [pid]]]);
    await stranger.query('COMMIT');
    expect((await reading).map((event) => event.position)).toEqual([position, ...later]);
  });

  /** Somebody who has inserted an event without the append function, and not committed. */
  async function openTransaction(id: string): Promise<{ stranger: pg.Client; position: number }> {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    const position = await log.insert(stranger, eventRow({ aggregate: 'gap', id }, 1));
    return { stranger, position };
  }

  /** The positions of what was stored since the test began. */
  async function readAll(limit = 100): Promise<number[]> {
    const page = await reader.readAll({ after: log.writer.afterPosition, limit });
    return page.map((event) => event.position);
  }

  function settled(result: Promise<number[]>) {
    let waiting = true;
    const done = () => {
      waiting = false;
    };
    result.then(done, done);
    return {
      result,
      /** It has looked up several times who holds the lock, and still waits. */
      async waits() {
        await untilLockLookedUp(proxy, 3);
        expect(waiting).toBe(true);
      },
    };
  }
});
