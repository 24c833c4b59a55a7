import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { PostgresStore } from '../../src/postgres/postgres-store.js';
import { batchOf, eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl } from '../support/postgres.js';
import { startProxy } from './support/proxy.js';
import { untilWaiting, useLog } from './support/use-log.js';

const log = useLog();

describe('the connections of a store', () => {
  it('are made again after they were lost while idle, and nobody else notices', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    expect((await append(store, 'idle', 1)).kind).toBe('stored');
    expect(await heads(store, 'idle')).toMatchObject([{ version: 1 }]);
    proxy.loseClients();
    await eventually(async () => {
      expect(await heads(store, 'idle')).toMatchObject([{ version: 1 }]);
      expect((await append(store, 'idle', 2)).kind).toBe('stored');
    });
    await store.close();
    await proxy.close();
  });

  it('are all closed with it', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    await append(store, 'closing', 1);
    await heads(store, 'closing');
    expect(proxy.clients()).toBe(2);
    await store.close();
    await store.close();
    await eventually(() => expect(proxy.clients()).toBe(0));
    await proxy.close();
  });

  it('are closed also where the store is closed while one is being made', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    const appending = append(store, 'early', 1);
    await store.close();
    expect(['ambiguous', 'unavailable', 'stored']).toContain((await appending).kind);
    await eventually(() => expect(proxy.clients()).toBe(0));
    await proxy.close();
  });

  it('that cannot be made leave an append unavailable and reads to be tried again', async () => {
    const store = log.open({}, 'postgres://postgres@127.0.0.1:1/postgres');
    expect(await append(store, 'away', 1)).toMatchObject({
      ...{ kind: 'unavailable', cause: { code: 'StoreUnavailable' } },
    });
    const unavailable = { code: 'StoreUnavailable' };
    await expect(heads(store, 'away')).rejects.toMatchObject(unavailable);
    await expect(store.fence(log.writer.id)).rejects.toMatchObject(unavailable);
  });

  it('that the server has no room for leave it unavailable too', async () => {
    const role = `full_${randomBytes(6).toString('hex')}`;
    const admin = await log.stranger();
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`);
    const url = new URL(databaseUrl());
    url.username = role;
    url.password = 'secret';
    const store = log.open({}, url.href);
    expect(await append(store, 'full', 1)).toMatchObject({
      ...{ kind: 'unavailable', cause: { cause: { code: '53300' } } },
    });
    await admin.query(`DROP ROLE ${role}`);
  });

  it('ended by the server in the middle of an append leave its outcome open', async () => {
    const store = log.open();
    const { appending, letGo } = await slowAppend(store, 'ended', 'pg_terminate_backend');
    expect((await appending).kind).toBe('ambiguous');
    await letGo();
    expect((await append(store, 'ended', 1)).kind).toBe('stored');
  });

  it('serve on after an append was cancelled, which has stored nothing', async () => {
    const store = log.open();
    const { appending, letGo } = await slowAppend(store, 'cancelled', 'pg_cancel_backend');
    expect((await appending).kind).toBe('unavailable');
    await letGo();
    expect(await heads(store, 'cancelled')).toMatchObject([{ version: 0 }]);
    expect((await append(store, 'cancelled', 1)).kind).toBe('stored');
  });

  it('that fall silent leave an append ambiguous and reads to be tried again, after half a minute', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    await append(store, 'silent', 1);
    await heads(store, 'silent');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    proxy.fallSilent();
    const appending = append(store, 'silent', 2);
    const reading = expect(heads(store, 'silent')).rejects.toMatchObject({
      code: 'StoreUnavailable',
    });
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    expect((await appending).kind).toBe('ambiguous');
    await reading;
    expect((await append(store, 'silent', 2)).kind).toBe('stored');
    await store.close();
    await proxy.close();
  });

  /** An append that waits for somebody else, until an operator does this to it. */
  async function slowAppend(store: PostgresStore, id: string, end: string) {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await log.insert(stranger, eventRow({ aggregate: 'connection', id }, 1));
    const appending = append(store, id, 1);
    const admin = await log.stranger();
    const { schema } = log.log;
    const waiting = { application: 'troupe commit', lock: 'transactionid', query: schema };
    await untilWaiting(admin, waiting);
    await admin.query(
      `SELECT ${end}(pid) FROM pg_stat_activity
       WHERE application_name = 'troupe commit' AND state = 'active' AND query LIKE '%' || $1 || '%'`,
      [schema],
    );
    return { appending, letGo: () => stranger.query('ROLLBACK') };
  }

  function append(store: PostgresStore, id: string, version: number) {
    const rows = [eventRow({ aggregate: 'connection', id }, version)];
    return store.append(log.writer, batchOf({ rows, lockTimeoutMs: 20_000 }));
  }

  function heads(store: PostgresStore, id: string) {
    return store.heads([{ aggregate: 'connection', id }]);
  }
});
