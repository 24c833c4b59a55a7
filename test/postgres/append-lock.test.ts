import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/postgres/connection.js';
import { APPEND_LOCK, lockClass } from '../../src/postgres/names.js';
import { appendLockHoldersStatement } from '../../src/postgres/statements/append-lock.js';
import { eventRow } from '../contract/batches.js';
import { untilWaiting, useLog } from './support/use-log.js';

const log = useLog();

describe('H21 looking up who holds the append lock', () => {
  it('finds an open transaction that has inserted, by its process, until it ends', async () => {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    expect(await holders()).toEqual([]);
    await log.insert(stranger, eventRow({ aggregate: 'h21', id: 'a' }, 1));
    const pid = await pidOf(stranger);
    expect(await holders()).toEqual([{ transaction: expect.stringMatching(/^\d+\/\d+$/), pid }]);
    await stranger.query('COMMIT');
    expect(await holders()).toEqual([]);
  });

  it('H20 finds a transaction that bypasses the function, from replication too', async () => {
    for (const role of ['origin', 'replica']) {
      const stranger = await log.stranger();
      await stranger.query(`SET session_replication_role = ${role}`);
      await stranger.query('BEGIN');
      await stranger.query(`INSERT INTO ${log.log.schema}.events
        (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
        SELECT 0, 'h21', 'none', 1, '', '{}', '{}', '', now() WHERE false`);
      expect(await holders()).toHaveLength(1);
      await stranger.query('ROLLBACK');
    }
  });

  it('tells one transaction of a connection from its next', async () => {
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await hold(stranger);
    const [first] = await holders();
    await stranger.query('ROLLBACK');
    await stranger.query('BEGIN');
    await hold(stranger);
    const [second] = await holders();
    expect(second!.pid).toBe(first!.pid);
    expect(second!.transaction).not.toBe(first!.transaction);
  });

  it('leaves out the locks of writers, of other schemas and of other software', async () => {
    const stranger = await log.stranger();
    const own = lockClass(log.log.schema);
    await stranger.query('BEGIN');
    await hold(stranger, own, log.writer.id);
    await hold(stranger, own + 1, APPEND_LOCK);
    await hold(stranger, own - 1, APPEND_LOCK);
    // One key of 64 bits with the same halves is another lock: its objsubid is 1.
    const key = (BigInt(own) << 32n) | BigInt(APPEND_LOCK);
    await stranger.query('SELECT pg_advisory_xact_lock_shared($1::bigint)', [String(key)]);
    await stranger.query(`LOCK TABLE ${log.log.schema}.events IN ROW EXCLUSIVE MODE`);
    expect(await holders()).toEqual([]);
  });

  it('leaves out the same lock of another database', async () => {
    const admin = await log.stranger();
    const name = `${log.log.schema}_other`;
    await admin.query(`CREATE DATABASE ${name}`);
    try {
      const url = new URL(log.log.options.url);
      url.pathname = name;
      const stranger = await log.stranger(url.href);
      await stranger.query('BEGIN');
      await hold(stranger);
      expect(await holders()).toEqual([]);
      const [elsewhere] = await run(
        stranger,
        appendLockHoldersStatement(lockClass(log.log.schema)),
      );
      expect(elsewhere).toMatchObject({ pid: await pidOf(stranger) });
      await stranger.end();
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  it('leaves out who only waits for the lock', async () => {
    const [owner, waiter] = [await log.stranger(), await log.stranger()];
    const keys = [lockClass(log.log.schema), APPEND_LOCK];
    await owner.query('BEGIN');
    await owner.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', keys);
    await waiter.query('BEGIN');
    const waiting = waiter.query('SELECT pg_advisory_xact_lock_shared($1::int, $2::int)', keys);
    const lockQuery = { lock: 'advisory', query: 'pg_advisory_xact_lock_shared' };
    await untilWaiting(await log.stranger(), { application: 'stranger', ...lockQuery });
    expect(await holders()).toMatchObject([{ pid: await pidOf(owner) }]);
    await owner.query('ROLLBACK');
    await waiting;
    expect(await holders()).toMatchObject([{ pid: await pidOf(waiter) }]);
  });

  async function holders() {
    const observer = await log.stranger();
    return run(observer, appendLockHoldersStatement(lockClass(log.log.schema)));
  }

  async function hold(client: pg.Client, ...keys: number[]): Promise<void> {
    const [first = lockClass(log.log.schema), second = APPEND_LOCK] = keys;
    await client.query('SELECT pg_advisory_xact_lock_shared($1::int, $2::int)', [first, second]);
  }
});

async function pidOf(client: pg.Client): Promise<number> {
  return (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
}
