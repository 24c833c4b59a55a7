import pg from 'pg';
import { startRuntime } from 'troupe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { balances } from '../../examples/bank/balances.js';
import { account } from '../../examples/bank/domain.js';
import { openings } from '../../examples/bank/openings.js';
import { allMigrationsSql } from '../../src/postgres/migrations/index.js';
import { rolesSql } from '../../src/postgres/roles.js';
import { type OwnServer, ownServer } from '../postgres/support/own-server.js';
import { freshSchema } from '../support/postgres.js';
import { troupe } from './support/run-troupe.js';

let server: OwnServer;
beforeAll(async () => {
  server = await ownServer();
});
afterAll(() => server.stop());

it('a role that may not make tables is told what to run, and runs views and projections after it', async () => {
  const schema = freshSchema();
  const names = { owner: `${schema}_o`, app: `${schema}_a`, reader: `${schema}_r` };
  const admin = new pg.Client(server.url);
  await admin.connect();
  await admin.query(rolesSql(schema, names, allMigrationsSql(schema)));
  await admin.query(`ALTER ROLE ${names.app} PASSWORD 'app'`);
  await admin.query(`REVOKE CREATE ON SCHEMA ${schema} FROM ${names.app}`);
  const url = Object.assign(new URL(server.url), { username: names.app, password: 'app' }).href;
  const start = () =>
    startRuntime({
      domain: { account, balances, openings },
      shards: 0,
      store: { kind: 'postgres', url, schema, migrate: false },
    });
  await expect(start()).rejects.toMatchObject({
    code: 'MissingRights',
    message: expect.stringContaining(`troupe views --sql --schema ${schema} --domain FILE`),
  });
  const domain = new URL('support/bank-with-readers.ts', import.meta.url).pathname;
  const args = ['views', '--sql', '--schema', schema, '--domain', domain, '--app', names.app];
  const { status, stdout, stderr } = await troupe(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (let times = 0; times < 2; times++) await admin.query(`SET ROLE ${names.owner}; ${stdout}`);
  await admin.end();

  const runtime = await start();
  const opened = { type: 'open', data: { owner: 'mia' } } as const;
  const { position } = await runtime.aggregate(account).create(opened, { id: 'a' });
  await runtime.waitFor('balances', position);
  await runtime.waitFor('openings', position);
  expect((await runtime.view(balances).get('a'))?.owner).toBe('mia');
  expect(
    await runtime.projection(openings).query((table) => `SELECT number FROM ${table('days')}`),
  ).toEqual([{ number: 1 }]);
  await expect(runtime.view(balances).rebuild()).rejects.toMatchObject({ code: 'MissingRights' });
  await runtime.stop();
});
