import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchOf, eventRow } from '../contract/batches.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { type PostgresLog, postgresLog } from './support/postgres-log.js';
import {
  endHeldCommit,
  holdCommits,
  releaseCommits,
  untilCommitHeld,
} from './support/replication.js';

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
  await holdCommits(admin, server.url);
  const appending = store.append(writer, batchOf({ rows: [eventRow(stream, 1)] }));
  await untilCommitHeld(admin, 'troupe commit');
  await endHeldCommit(admin, 'troupe commit');
  expect((await appending).kind).toBe('ambiguous');
  expect(await recovery.heads([stream])).toMatchObject([{ version: 1 }]);

  let fenced = false;
  const fencing = recovery.fence(writer.id).then(() => {
    fenced = true;
  });
  await untilCommitHeld(admin, 'troupe recovery');
  expect(fenced).toBe(false);
  await releaseCommits(admin);
  await fencing;
  await Promise.all([store.close(), recovery.close()]);
});
