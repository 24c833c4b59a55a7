import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { lockClass } from '../../src/postgres/names.js';
import type { PostgresStore } from '../../src/postgres/postgres-store.js';
import { batchOf, eventRow, eventRows } from '../contract/batches.js';
import { databaseUrl } from '../support/postgres.js';
import { startProxy } from './support/proxy.js';
import { untilWaiting, useLog } from './support/use-log.js';

const log = useLog();

describe('fencing a writer in Postgres', () => {
  it('H01 waits for a running append, whose events are then in the log', async () => {
    const stream = { aggregate: 'h01', id: 'running' };
    const { appending, stranger } = await slowAppend(log.open(), stream);
    const fencing = log.store.fence(log.writer.id);
    await untilFenceWaits();
    await stranger.query('ROLLBACK');
    await fencing;
    // Asked at once: what the fence let through must be visible when it returns.
    expect(await log.store.heads([stream])).toMatchObject([{ version: 2 }]);
    expect((await appending).kind).toBe('stored');
  });

  it('H01 waits for an append whose connection was lost, and finds its commands', async () => {
    const stream = { aggregate: 'h01', id: 'lost' };
    const proxy = await startProxy(databaseUrl());
    const { appending, stranger } = await slowAppend(log.open({}, proxy.url), stream);
    proxy.loseClients();
    expect((await appending).kind).toBe('ambiguous');
    expect(await find(stream)).toEqual([]); // proves nothing yet

    const fencing = log.store.fence(log.writer.id);
    await untilFenceWaits();
    await stranger.query('ROLLBACK');
    await fencing;
    expect(await find(stream)).toEqual([1, 2]);
    await proxy.close();
  });

  it('H01 refuses an append that comes while it is running', async () => {
    const stream = { aggregate: 'h01', id: 'late' };
    const fence = await openFence();
    const appending = log.open().append(log.writer, batchOf({ rows: eventRows(stream, 1, 2) }));
    await untilWaiting(await log.stranger(), waitingForFence('troupe commit'));
    await fence.query('COMMIT');
    expect((await appending).kind).toBe('fenced');
    expect(await log.store.heads([stream])).toMatchObject([{ version: 0 }]);
  });

  it('H01 refuses it too where transactions are serializable by default', async () => {
    const role = `troupe_${randomBytes(6).toString('hex')}`;
    const admin = await log.stranger();
    await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'secret'`);
    await admin.query(`ALTER ROLE ${role} SET default_transaction_isolation = 'serializable'`);
    try {
      const url = new URL(databaseUrl());
      url.username = role;
      url.password = 'secret';
      const fence = await openFence();
      const store = log.open({}, url.href);
      const rows = [eventRow({ aggregate: 'h01', id: 'serializable' }, 1)];
      const appending = store.append(log.writer, batchOf({ rows }));
      await untilWaiting(admin, waitingForFence('troupe commit'));
      await fence.query('COMMIT');
      expect((await appending).kind).toBe('fenced');
      await store.close();
    } finally {
      await admin.query(`DROP ROLE ${role}`);
    }
  });

  it('H01 does not wait for appends of other writers', async () => {
    const { appending, stranger } = await slowAppend(log.open(), { aggregate: 'h01', id: 'other' });
    await log.store.fence((await log.store.registerWriter()).id);
    await stranger.query('ROLLBACK');
    expect((await appending).kind).toBe('stored');
  });

  it('H04 writes, so that its own commit comes after all that was appended before', async () => {
    const admin = await log.stranger();
    const xmin = async () => {
      const table = `${log.log.schema}.writers`;
      const { rows } = await admin.query(`SELECT xmin FROM ${table} WHERE id = $1`, [
        log.writer.id,
      ]);
      return Number(rows[0].xmin);
    };
    const registered = await xmin();
    await log.stored([eventRow({ aggregate: 'h04', id: 'a' }, 1)]);
    await log.store.fence(log.writer.id);
    expect(await xmin()).toBeGreaterThan(registered + 1);
  });

  /** An append of two events that waits for a row of somebody else. */
  async function slowAppend(store: PostgresStore, stream: { aggregate: string; id: string }) {
    const rows = eventRows(stream, 1, 2);
    const stranger = await log.stranger();
    await stranger.query('BEGIN');
    await log.insert(stranger, rows[0]!);
    const appending = store.append(log.writer, batchOf({ rows, lockTimeoutMs: 20_000 }));
    await untilWaiting(await log.stranger(), {
      ...{ application: 'troupe commit', lock: 'transactionid', query: log.log.schema },
    });
    return { appending, stranger };
  }

  /** A fence of this test's writer between its two statements and its commit. */
  async function openFence(): Promise<pg.Client> {
    const fence = await log.stranger();
    const keys = [lockClass(log.log.schema), log.writer.id];
    await fence.query('BEGIN');
    await fence.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', keys);
    const table = `${log.log.schema}.writers`;
    await fence.query(`UPDATE ${table} SET epoch = epoch + 1 WHERE id = $1`, [log.writer.id]);
    return fence;
  }

  function waitingForFence(application: string) {
    return { application, lock: 'advisory', query: log.log.schema };
  }

  async function untilFenceWaits() {
    const waiting = {
      application: 'troupe recovery',
      lock: 'advisory',
      query: 'pg_advisory_xact_lock',
    };
    await untilWaiting(await log.stranger(), waiting);
  }

  async function find(stream: { aggregate: string; id: string }): Promise<number[]> {
    const { incarnation, afterPosition } = log.writer;
    const commands = [1, 2].map((n) => ({ ...stream, commandId: `command-${stream.id}-${n}` }));
    const found = await log.store.findCommands({ commands, afterPosition, incarnation });
    return found.map((event) => event.version);
  }
});
