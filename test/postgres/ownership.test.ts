import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockClass } from '../../src/postgres/names.js';
import { PostgresLeases } from '../../src/postgres/postgres-leases.js';
import { batchOf, eventRow, eventRows } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl } from '../support/postgres.js';
import { type PostgresLog, postgresLog } from './support/postgres-log.js';
import { untilWaiting, useLog } from './support/use-log.js';

const strangers = useLog();
const LEASE_MS = 60_000;

/** A log of its own, since one lease is for all of it. */
async function ownedLog() {
  const log = await postgresLog(databaseUrl());
  const store = log.open();
  const admin = await strangers.stranger();
  onTestFinished(() => store.close());
  const expire = () =>
    admin.query(`UPDATE ${log.schema}.ownership SET expires_at = clock_timestamp()`);
  return { log, store, admin, expire, ...claimants(log) };
}

function claimants(log: PostgresLog) {
  const leases = new PostgresLeases(log.options, LEASE_MS);
  const claimant = (pid: number) => ({ runtimeId: randomUUID(), host: 'here', pid });
  onTestFinished(() => leases.close());
  return { leases, one: claimant(1), two: claimant(2) };
}

const owned = (pid?: number) => ({
  code: 'NotOwner',
  details: { owner: pid === undefined ? undefined : { host: 'here', pid } },
});
const stream = { aggregate: 'a', id: 'a' };

describe('a lease on a log', () => {
  it('is held by one at a time, and named to the others', async () => {
    const { leases, one, two } = await ownedLog();
    const { owner } = await leases.claim(one);
    expect(owner).toMatchObject(one);
    expect(Math.abs(Date.parse(owner.since) - Date.now())).toBeLessThan(60_000);
    await expect(leases.claim(two)).rejects.toMatchObject(owned(1));
  });

  it('goes to one of those who claim it at the same time', async () => {
    const { log, leases, one } = await ownedLog();
    const all = Array.from({ length: 5 }, () => claimants(log));
    const claims = await Promise.allSettled([
      leases.claim(one),
      ...all.map((other) => other.leases.claim(other.one)),
    ]);
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is free at once when it was given back', async () => {
    const { leases, one, two } = await ownedLog();
    const first = await leases.claim(one);
    await leases.release(first.id);
    const second = await leases.claim(two);
    await leases.release(first.id); // not its own any more
    await expect(leases.claim(one)).rejects.toMatchObject(owned(2));
    await leases.renew(second.id);
  });

  it('O4 is to be had once it has expired by the clock of the database, unless it was renewed', async () => {
    const { leases, one, two, expire } = await ownedLog();
    const first = await leases.claim(one);
    await expire();
    await leases.renew(first.id);
    await expect(leases.claim(two)).rejects.toMatchObject(owned(1));
    await expire();
    await leases.claim(two);
    await expect(leases.renew(first.id)).rejects.toMatchObject(owned(2));
  });

  it('is given anew to the one who has it: the answer to its claim may have been lost', async () => {
    const { leases, one } = await ownedLog();
    const first = await leases.claim(one);
    const again = await leases.claim(one);
    expect(again.id).not.toBe(first.id);
    await expect(leases.renew(first.id)).rejects.toMatchObject({ code: 'NotOwner' });
  });

  it('has a connection of its own that is made again when it is lost', async () => {
    const { leases, one, admin } = await ownedLog();
    const lease = await leases.claim(one);
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe lease'`;
    await admin.query(kill);
    await eventually(() => leases.renew(lease.id));
  });
});

describe('writers of an owned log', () => {
  it('are refused unless they are of the lease that it is under', async () => {
    const { store, leases, one, two, expire } = await ownedLog();
    await expect(store.registerWriter(randomUUID())).rejects.toMatchObject(owned());
    const { id } = await leases.claim(one);
    await expect(store.registerWriter()).rejects.toMatchObject(owned(1));
    await expect(store.registerWriter(randomUUID())).rejects.toMatchObject(owned(1));
    expect(await store.registerWriter(id)).toMatchObject({ epoch: 1, lease: id });
    await expire();
    await leases.claim(two);
    await expect(store.registerWriter(id)).rejects.toMatchObject(owned(2));
  });

  it('are refused by whatever release they are made', async () => {
    const { log, admin, leases, one } = await ownedLog();
    await leases.claim(one);
    const insert = `INSERT INTO ${log.schema}.writers DEFAULT VALUES`;
    await expect(admin.query(insert)).rejects.toMatchObject({ code: 'TR006' });
  });

  it('O1 append nothing once another process took over, and are not made anew', async () => {
    const { store, leases, one, two, expire } = await ownedLog();
    const { id } = await leases.claim(one);
    const writer = await store.registerWriter(id);
    const rows = eventRows(stream, 1, 1);
    expect((await store.append(writer, batchOf({ rows }))).kind).toBe('stored');
    await expire();
    await leases.claim(two);
    const late = await store.append(writer, batchOf({ rows: [eventRow(stream, 2)] }));
    expect(late.kind).toBe('fenced');
    // An answer without events proves itself by the same check.
    expect((await store.append(writer, batchOf({}))).kind).toBe('fenced');
    await expect(store.fence(writer.id, writer.epoch, id)).rejects.toMatchObject(owned(2));
    expect(await store.heads([stream])).toMatchObject([{ version: 1 }]);
  });

  it('that were fenced by a reader go on under their lease', async () => {
    const { store, leases, one } = await ownedLog();
    const { id } = await leases.claim(one);
    const writer = await store.registerWriter(id);
    await store.fence(writer.id); // somebody resolves an outcome
    const fenced = await store.fence(writer.id, writer.epoch, id);
    expect(fenced).toMatchObject({ epoch: 3, lease: id });
    const rows = [eventRow(stream, 1)];
    expect((await store.append(fenced, batchOf({ rows }))).kind).toBe('stored');
    await store.retireWriter(writer.id); // a failover loses it
    expect(await store.fence(writer.id, 3, id)).toMatchObject({ epoch: 4, lease: id });
  });

  it('O2 a take-over waits for a running append, whose events are then in the log', async () => {
    const { log, store, leases, one, two, expire } = await ownedLog();
    const writer = await store.registerWriter((await leases.claim(one)).id);
    const rows = eventRows(stream, 1, 2);
    const stranger = await strangers.stranger();
    await stranger.query('BEGIN');
    await stranger.query(`LOCK TABLE ${log.schema}.events IN SHARE MODE`);
    const appending = store.append(writer, batchOf({ rows, lockTimeoutMs: 20_000 }));
    await untilWaiting(await strangers.stranger(), {
      ...{ application: 'troupe commit', lock: 'relation', query: log.schema },
    });
    await expire();
    const claiming = leases.claim(two);
    await untilWaiting(await strangers.stranger(), {
      ...{ application: 'troupe lease', lock: 'advisory', query: log.schema },
    });
    await stranger.query('ROLLBACK');
    await claiming;
    expect(await store.heads([stream])).toMatchObject([{ version: 2 }]);
    expect((await appending).kind).toBe('stored');
  });

  it('O3 a writer that is being made while the log is taken over is gone with the others', async () => {
    const { log, store, leases, one } = await ownedLog();
    const making = await strangers.stranger();
    await making.query('BEGIN');
    await making.query(`INSERT INTO ${log.schema}.writers DEFAULT VALUES`);
    const claiming = leases.claim(one);
    await untilWaiting(await strangers.stranger(), {
      ...{ application: 'troupe lease', lock: 'transactionid', query: log.schema },
    });
    await making.query('COMMIT');
    await claiming;
    const { rows } = await making.query(`SELECT id FROM ${log.schema}.writers`);
    expect(rows).toEqual([]);
    await expect(store.registerWriter()).rejects.toMatchObject(owned(1));
  });

  it('H38 a fence of a process that was stopped in its middle keeps nobody waiting for long', async () => {
    const { log, store, leases, one, two, expire } = await ownedLog();
    const writer = await store.registerWriter((await leases.claim(one)).id);
    // As the pool of a store does it, up to where the process is stopped.
    const pool = (store as unknown as { pool: { connect(): Promise<StoppedClient> } }).pool;
    const stopped = await pool.connect();
    await stopped.query('BEGIN');
    const keys = [lockClass(log.schema), writer.id];
    await stopped.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', keys);
    stopped.on('error', () => undefined);
    await expire();
    const impatient = new PostgresLeases(log.options, 2000);
    onTestFinished(() => impatient.close());
    await eventually(() => impatient.claim(two));
    stopped.release(true);
  });
});

interface StoppedClient {
  query(text: string, values?: unknown[]): Promise<unknown>;
  on(event: 'error', listener: () => void): void;
  release(destroy: boolean): void;
}

describe('shared writers', () => {
  it('are removed by who takes the log for itself, and refused with the owner named', async () => {
    const { store, leases, one } = await ownedLog();
    const writer = await store.registerWriter();
    await leases.claim(one);
    const rows = [eventRow(stream, 1)];
    expect((await store.append(writer, batchOf({ rows }))).kind).toBe('fenced');
    await expect(store.fence(writer.id, writer.epoch)).rejects.toMatchObject(owned(1));
  });

  it('come back when the owner has left', async () => {
    const { store, leases, one } = await ownedLog();
    const lease = await leases.claim(one);
    await leases.release(lease.id);
    expect(await store.registerWriter()).toMatchObject({ epoch: 1 });
    await expect(store.registerWriter(lease.id)).rejects.toMatchObject(owned());
  });

  it('end a lease that has expired, and its writers with it', async () => {
    const { store, leases, one, expire } = await ownedLog();
    const { id } = await leases.claim(one);
    const old = await store.registerWriter(id);
    await expire();
    const shared = await store.registerWriter();
    expect(shared.lease).toBe(undefined);
    const rows = [eventRow(stream, 1)];
    expect((await store.append(old, batchOf({ rows }))).kind).toBe('fenced');
    await expect(leases.renew(id)).rejects.toMatchObject({ code: 'NotOwner' });
    expect((await store.append(shared, batchOf({ rows }))).kind).toBe('stored');
  });
});
