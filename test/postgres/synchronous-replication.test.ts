import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PostgresInline } from '../../src/postgres/postgres-inline.js';
import type { InlineReader } from '../../src/store/inline.js';
import { batchOf, eventRow } from '../contract/batches.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { type PostgresLog, postgresLog } from './support/postgres-log.js';

let server: OwnServer;
let log: PostgresLog;
let admin: pg.Client;

beforeAll(async () => {
  server = await ownServer();
  log = await postgresLog(server.url);
  admin = new pg.Client(server.url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});

it('H04 a fence is not done before a row that became visible early is replicated', async () => {
  const [store, recovery] = [log.open(), log.open()];
  const stream = { aggregate: 'h04', id: 'a' };
  const writer = await store.registerWriter();
  await waitForReplication('nobody');
  const appending = store.append(writer, batchOf({ rows: [eventRow(stream, 1)] }));
  await untilInReplicationWait('troupe commit');
  // As at a failover or by an operator: the wait ends, and the row is visible though not replicated.
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe commit'",
  );
  expect((await appending).kind).toBe('ambiguous');
  expect(await recovery.heads([stream])).toMatchObject([{ version: 1 }]);

  let fenced = false;
  const fencing = recovery.fence(writer.id).then(() => {
    fenced = true;
  });
  await untilInReplicationWait('troupe recovery');
  expect(fenced).toBe(false);
  await waitForReplication('');
  await fencing;
  await Promise.all([store.close(), recovery.close()]);
});

it('H04 an append with an inline projection waits for the standby, however long that takes', async () => {
  const reader: InlineReader = {
    ...{ name: 'nothing', version: 1, filter: { all: false, aggregates: ['h04'], types: [] } },
    ...{ wants: () => true, setup: async () => undefined, handle: async () => undefined },
  };
  const registry = new PostgresInline(log.options);
  await registry.register(reader);
  expect(await registry.activate(reader)).toBe(true);
  await registry.close();
  const store = log.open();
  const rows = [eventRow({ aggregate: 'h04', id: 'inline' }, 1)];
  const writer = await store.registerWriter();
  await waitForReplication('nobody');
  const appending = store.append(writer, { ...batchOf({ rows }), inline: [reader] });
  // Longer than a statement of the handler may take.
  const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'troupe commit'
    AND wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '5.5 s'`;
  await vi.waitFor(async () => expect((await admin.query(waiting)).rows).toHaveLength(1), 10_000);
  await waitForReplication('');
  expect((await appending).kind).toBe('stored');
  await store.close();
});

async function waitForReplication(standbys: string): Promise<void> {
  await admin.query(`ALTER SYSTEM SET synchronous_standby_names = '${standbys}'`);
  await admin.query('SELECT pg_reload_conf()');
  const reloaded = async () => {
    const { rows } = await admin.query('SHOW synchronous_standby_names');
    expect(rows).toEqual([{ synchronous_standby_names: standbys }]);
  };
  await vi.waitFor(reloaded, { timeout: 10_000 });
}

async function untilInReplicationWait(application: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await admin.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'SyncRep'",
        [application],
      );
      expect(rows).toHaveLength(1);
    },
    { timeout: 10_000 },
  );
}
