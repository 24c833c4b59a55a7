import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startRuntime } from 'troupe';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { resolvePostgres } from '../../src/postgres/options.js';
import { PostgresStore } from '../../src/postgres/postgres-store.js';
import { batchOf, eventRow } from '../contract/batches.js';
import { account, deposit, grant } from '../support/account.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import {
  NO_PGBOUNCER,
  type Pooler,
  pgbouncerProgram,
  startPgbouncer,
} from './support/pgbouncer.js';

const program = pgbouncerProgram();

describe.runIf(program)('behind pgbouncer in transaction mode', () => {
  let pooler: Pooler;
  beforeAll(async () => {
    pooler = await startPgbouncer(program as string, databaseUrl());
  });
  afterAll(() => pooler.stop());

  it('runtimes on one log lose no update, and wake each other past the pooler', async () => {
    const schema = freshSchema();
    const store = {
      ...({ kind: 'postgres', url: pooler.url, directUrl: databaseUrl(), schema } as const),
      namedStatements: false,
    };
    const both = await Promise.all(
      [1, 2].map(() => startRuntime({ domain: { account }, store, shards: 0 })),
    );
    onTestFinished(async () => void (await Promise.all(both.map((runtime) => runtime.stop()))));
    await both[0]!.aggregate(account).send('x', grant(1));
    const calls = Array.from({ length: 100 }, (_, i) =>
      both[i % 2]!.aggregate(account).send('x', deposit(1), { idempotencyKey: `key-${i}` }),
    );
    const versions = (await Promise.all(calls)).map((receipt) => receipt.version);
    expect(versions.sort((a, b) => a - b)).toEqual(versions.map((_, i) => i + 2));
    await eventually(async () => expect(await listening(schema)).toHaveLength(2));
  });

  it('nothing needs a session: without a direct way no runtime listens', async () => {
    const schema = freshSchema();
    const store = {
      ...({ kind: 'postgres', url: pooler.url, schema } as const),
      namedStatements: false,
    };
    const runtime = await startRuntime({ domain: { account }, store, shards: 0 });
    await runtime.aggregate(account).send('x', grant(1));
    await runtime.stop();
    expect(resolvePostgres(store).wakeUps).toBe(false);
  });

  it('an epoch is raised in a transaction that ends if its process stands still', async () => {
    const options = optionsOf(pooler.url);
    await prepareDatabase(options);
    const store = opened(options);
    const writer = await store.registerWriter();
    const queries: unknown[] = [];
    const query = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...args: unknown[]
    ) {
      queries.push(args[0]);
      query.mockRestore();
      return this.query(...(args as [string]));
    } as never);
    expect((await store.fence(writer.id)).epoch).toBe(2);
    expect(queries).toEqual([
      expect.stringMatching(/READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 2000/),
    ]);
  });

  it('sessions whose transactions see the past are refused at the start, with the remedy', async () => {
    const url = await pooledWith('repeatable read');
    await expect(prepareDatabase(optionsOf(url))).rejects.toMatchObject({
      ...{ code: 'UnfitDatabase', message: expect.stringContaining('ALTER ROLE') },
      details: { given: 'repeatable read' },
    });
  });

  it('an append finds out if its session is no longer READ COMMITTED, and stores nothing', async () => {
    const options = optionsOf(pooler.url);
    await prepareDatabase(options);
    const store = opened(options);
    const writer = await store.registerWriter();
    const stream = { aggregate: 'a', id: 'a' };
    const append = (version: number) =>
      store.append(writer, batchOf({ rows: [eventRow(stream, version)] }));
    expect(await append(1)).toMatchObject({ kind: 'stored' });
    // Another client of the pooler leaves its setting behind in every session.
    const careless = new pg.Client(pooler.url);
    await careless.connect();
    const set = (level: string) =>
      careless.query(`SELECT set_config('default_transaction_isolation', '${level}', false)`);
    for (let i = 0; i < 20; i++) await set('serializable');
    const result = await append(2);
    for (let i = 0; i < 20; i++) await set('read committed');
    await careless.end();
    expect(result).toMatchObject({ kind: 'broken', cause: { code: 'UnfitDatabase' } });
    expect(await store.heads([stream])).toMatchObject([{ version: 1 }]);
  });

  function optionsOf(url: string) {
    const schema = freshSchema();
    return resolvePostgres({ kind: 'postgres', url, schema, namedStatements: false });
  }

  function opened(options: ReturnType<typeof optionsOf>): PostgresStore {
    const store = new PostgresStore(options);
    onTestFinished(() => store.close());
    return store;
  }

  async function listening(schema: string): Promise<unknown[]> {
    const { wakeUpChannel } = await import('../../src/postgres/wake-ups.js');
    const { rows } = await direct(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'troupe wake-up' AND query LIKE '%${wakeUpChannel(schema)}%'`,
    );
    return rows;
  }

  /** A pooler whose sessions belong to a role with this default. */
  async function pooledWith(level: string): Promise<string> {
    const role = `past_${randomBytes(4).toString('hex')}`;
    await direct(
      `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'past'; ALTER ROLE ${role} SET default_transaction_isolation = '${level}'`,
    );
    const url = new URL(databaseUrl());
    url.username = role;
    url.password = 'past';
    const other = await startPgbouncer(program as string, url.href);
    onTestFinished(async () => {
      await other.stop();
      await direct(`DROP ROLE ${role}`);
    });
    return other.url;
  }
});

if (!program)
  describe('behind pgbouncer', () => {
    it.skip(NO_PGBOUNCER, () => undefined);
  });

async function direct(sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(databaseUrl());
  await client.connect();
  return client.query(sql).finally(() => client.end());
}
