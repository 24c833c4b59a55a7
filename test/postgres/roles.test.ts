import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainError } from '../../src/messages/plain-error.js';
import { PostgresIndexTables } from '../../src/postgres/index-tables.js';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { allMigrationsSql } from '../../src/postgres/migrations/index.js';
import { resolvePostgres } from '../../src/postgres/options.js';
import { PostgresStore } from '../../src/postgres/postgres-store.js';
import { grantAppSql, rolesSql } from '../../src/postgres/roles.js';
import { PostgresSubscriptions } from '../../src/postgres/subscriptions.js';
import { openPostgresViews } from '../../src/postgres/views/postgres-views.js';
import type { ViewShape } from '../../src/store/view-tables.js';
import { batchOf, eventRow, outcomeRow } from '../contract/batches.js';
import { freshSchema } from '../support/postgres.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { useLog } from './support/use-log.js';

// A server of its own: it asks for passwords, which one given from outside may not.
let server: OwnServer;
beforeAll(async () => {
  server = await ownServer();
});
const log = useLog(() => server.url);
afterAll(() => server.stop());

describe('a role without special rights', () => {
  it('can migrate and use a schema that it owns, without the right to create schemas', async () => {
    const { role, url } = await newRole();
    const schema = freshSchema();
    const admin = await log.stranger();
    await admin.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`);
    await useEverything(url, schema, true);
  });

  it('can use a schema in which it has only the rights to its tables', async () => {
    const { role, url } = await newRole();
    const schema = freshSchema();
    await prepareDatabase(optionsOf(server.url, schema));
    const admin = await log.stranger();
    await admin.query(grantAppSql(schema, role));
    await useEverything(url, schema, false);
    const plain = await log.stranger(url);
    await expect(plain.query(`UPDATE ${schema}.events SET type = ''`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('can do all that processes do, and no more, as the role that is printed for them', async () => {
    const schema = freshSchema();
    const names = { owner: `${schema}_o`, app: `${schema}_a`, reader: `${schema}_r` };
    const admin = await log.stranger();
    await admin.query(rolesSql(schema, names, allMigrationsSql(schema)));
    await admin.query(
      `ALTER ROLE ${names.app} PASSWORD 'app'; ALTER ROLE ${names.reader} LOGIN PASSWORD 'reader'`,
    );
    const urlOf = (user: string, password: string) =>
      Object.assign(new URL(server.url), { username: user, password }).href;
    await useEverything(urlOf(names.app, 'app'), schema, false);
    const options = resolvePostgres({ kind: 'postgres', url: urlOf(names.app, 'app'), schema });
    const ends = new PostgresStore(options);
    expect(await ends.logEnd([])).toEqual({ position: 1, othersWrite: false });
    expect(await ends.readHeads({ after: 0, limit: 1 })).toHaveLength(1);
    expect(await ends.settledEnd()).toBe(1);
    const verb = { aggregate: 'account', id: 'a', who: 'Ada', why: 'a test' };
    for (const name of ['quarantine', 'quarantine', 'release'] as const) {
      const number = await ends.operations.begin({ verb: name, ...verb });
      await ends.operations.finish(number, { result: 'done', message: '' });
    }
    expect(await ends.operations.quarantines()).toEqual({ mark: 3, streams: [] });
    await ends.close();
    const app = await log.stranger(options.url);
    const reader = await log.stranger(urlOf(names.reader, 'reader'));
    expect((await reader.query(`SELECT * FROM ${schema}.events`)).rows).toHaveLength(1);
    expect((await reader.query(`SELECT * FROM ${schema}.view_shelf_v2`)).rows).toHaveLength(1);
    for (const sql of [
      `DELETE FROM ${schema}.events`,
      `TRUNCATE ${schema}.events`,
      `ALTER TABLE ${schema}.events DISABLE TRIGGER ALL`,
      `DROP FUNCTION ${schema}.lock_append CASCADE`,
      `DELETE FROM ${schema}.meta`,
      `DROP TABLE ${schema}.events`,
      `CREATE TRIGGER mine BEFORE INSERT ON ${schema}.events EXECUTE FUNCTION ${schema}.lock_append()`,
      `DELETE FROM ${schema}.audit`,
      `UPDATE ${schema}.audit SET who = 'nobody'`,
    ])
      await expect(app.query(sql), sql).rejects.toMatchObject({ code: '42501' });
    await expect(reader.query(`DELETE FROM ${schema}.writers`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('is told so when it may not use the schema', async () => {
    const { url } = await newRole();
    const denied = prepareDatabase(optionsOf(url, log.log.schema));
    await expect(denied).rejects.toMatchObject({
      code: 'MissingRights',
      message: expect.stringContaining(`expected to own schema ${log.log.schema}`),
      details: { user: new URL(url).username, schema: log.log.schema },
      cause: { code: '42501' },
    });
    const store = log.open({}, url);
    const result = await store.append(log.writer, batchOf({}));
    expect(result).toMatchObject({ kind: 'unavailable', cause: { code: '42501' } });
  });
});

describe('credentials', () => {
  it('are asked for anew for each connection, whatever password the URL has', async () => {
    const { url, password } = await newRole();
    for (const urlPassword of ['', 'outdated']) {
      const bare = new URL(url);
      bare.password = urlPassword;
      const asked: string[] = [];
      const credentials = async () => {
        asked.push('asked');
        return password;
      };
      const denied = prepareDatabase(optionsOf(bare.href, log.log.schema), credentials);
      await expect(denied).rejects.toMatchObject({ code: 'MissingRights' }); // logged in, but no rights
      expect(asked).toHaveLength(1);
      const store = new PostgresStore(optionsOf(bare.href, log.log.schema), { credentials });
      expect(await store.append(log.writer, batchOf({}))).toMatchObject({
        cause: { code: '42501' },
      });
      await expect(store.heads([])).rejects.toMatchObject({ code: '42501' });
      expect(asked).toHaveLength(3);
      await store.close();
    }
  });

  it('that cannot be had make the store unavailable', async () => {
    const credentials = () => Promise.reject(new Error('the vault is sealed'));
    const options = optionsOf(server.url, log.log.schema);
    const store = new PostgresStore(options, { credentials });
    const result = await store.append(log.writer, batchOf({}));
    expect(result).toMatchObject({ kind: 'unavailable', cause: { code: 'StoreUnavailable' } });
    await expect(store.heads([])).rejects.toThrow('the vault is sealed');
    await store.close();
  });
});

async function newRole() {
  const role = `plain_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  const admin = await log.stranger();
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const url = new URL(server.url);
  url.username = role;
  url.password = password;
  return { role, password, url: url.href };
}

function optionsOf(url: string, schema: string) {
  return resolvePostgres({ kind: 'postgres', url, schema });
}

async function useEverything(url: string, schema: string, migrate: boolean): Promise<void> {
  const options = { ...optionsOf(url, schema), migrate };
  await prepareDatabase(options);
  const store = new PostgresStore(options);
  const stream = { aggregate: 'a', id: 'a' };
  const writer = await store.registerWriter();
  const outcomes = [outcomeRow(stream, 'key', { keepMs: 0 })];
  const batch = batchOf({ rows: [eventRow(stream, 1)], outcomes });
  expect(await store.append(writer, batch)).toMatchObject({ kind: 'stored' });
  await store.findOutcomes(outcomes);
  await store.sweepOutcomes(10);
  const snapshot = {
    stateVersion: 1,
    version: 1,
    position: 0,
    commandId: 'command-a-1',
    state: '{}',
  };
  await store.saveSnapshots([{ ...stream, ...snapshot }]);
  await store.saveSnapshots([{ ...stream, ...snapshot }]);
  expect(await store.load([{ ...stream, stateVersion: 1 }])).toMatchObject([{ snapshot: {} }]);
  expect(await store.readAll({ after: 0, limit: 10 })).toHaveLength(1);
  await useSubscriptions(options);
  await useViews(options);
  expect((await store.fence(writer.id)).epoch).toBe(2);
  await store.retireWriter(writer.id);
  await store.close();
}

/** All that a processor and an operator do with subscriptions, parked streams and indexes. */
async function useSubscriptions(options: ReturnType<typeof optionsOf>): Promise<void> {
  const subscriptions = new PostgresSubscriptions(options, { leaseMs: 1000, connections: 2 });
  const tables = new PostgresIndexTables(options.schema);
  const code = { name: 'one', version: 1, fingerprint: '' };
  const start = { position: 0, commandId: '' };
  const error: PlainError = { name: 'Error', message: 'poison' };
  const reason = { who: 'a', why: 'b' };
  await subscriptions.register(code, start);
  const claim = await subscriptions.claim(code, 'me');
  if (claim.kind !== 'granted') throw new Error(`the claim was ${claim.kind}`);
  const filter = { all: true, reserved: true, aggregates: [], types: [] };
  const upTo = await subscriptions.checkpointAt(1);
  const { events } = await subscriptions.page({ filter, after: 0, upTo, limit: 10 });
  const event = events[0]!;
  const batch = await subscriptions.begin(claim.hold, start);
  for (const index of ['commands', 'correlations'] as const)
    for (const position of [1, 1]) await tables.add(batch, index, [{ id: 'x', position }]);
  await batch.park(event, 1, error);
  expect(await batch.advance(upTo, 'live')).toBe(true);
  await batch.commit();
  for (const index of ['commands', 'correlations'] as const)
    expect(await subscriptions.indexed(index, 'x', { after: 0, limit: 10 })).toEqual([event]);
  expect(await subscriptions.progress(['one'])).toEqual([{ name: 'one', position: 1, parked: 1 }]);
  expect(await subscriptions.renew('me')).toHaveLength(1);
  expect(await subscriptions.askRetry('one', event, reason)).toBe(true);
  await subscriptions.retryFailed(claim.hold, event, error);
  await subscriptions.died('one', { from: 1, upTo: 1, isAlone: true }, error);
  await subscriptions.failed(claim.hold, 1, error);
  expect(await subscriptions.skip('one', event, reason)).toBe(true);
  expect(await subscriptions.parked('one')).toMatchObject([{ resolved: 'skipped' }]);
  await subscriptions.stop(claim.hold, error);
  expect(await subscriptions.resume('one', start)).toBe(true);
  expect(await subscriptions.pause('one')).toBe(true);
  await subscriptions.release('me');
  await subscriptions.close();
}

/** All that happens to the tables of a view: made, written, rebuilt beside, swapped, dropped. */
async function useViews(options: ReturnType<typeof optionsOf>): Promise<void> {
  const { tables, sql, transaction, close } = openPostgresViews(options);
  const shelf = (version: number): ViewShape => ({
    ...{ name: 'shelf', version },
    columns: [{ name: 'place', type: 'text' }],
  });
  const rows = [{ key: 'a', document: '{}', columns: ['x'] }];
  for (const version of [1, 2, -2]) {
    const view = shelf(version);
    await transaction((tx) => tables.prepare(tx, view));
    await transaction((tx) => tables.save(tx, view, { saved: rows, deleted: ['b'] }));
    await transaction((tx) => tables.saveProgress(tx, view, { from: 0, to: 1 }));
    await transaction((tx) => tables.activate(tx, view));
  }
  expect(await tables.count(sql, shelf(2), [])).toBe(1);
  expect(await transaction((tx) => tables.dropRetired(tx, shelf(2), 0))).toEqual([1, -2]);
  await close();
}
