import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
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
