import { describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { allMigrationsSql, MIGRATIONS } from '../../src/postgres/migrations/index.js';
import { quoted } from '../../src/postgres/names.js';
import { type PostgresOptions, resolvePostgres } from '../../src/postgres/options.js';
import { PostgresStore } from '../../src/postgres/postgres-store.js';
import { batchOf, eventRow } from '../contract/batches.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { useLog } from './support/use-log.js';

const log = useLog();
const all = MIGRATIONS.map((migration) => ({ number: migration.number, name: migration.name }));

describe('migrations', () => {
  it('are numbered from 1, upwards', () => {
    const numbers = all.map((migration) => migration.number);
    expect(numbers[0]).toBe(1);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('are applied once, although several processes start at the same time', async () => {
    const options = resolve({});
    await Promise.all(Array.from({ length: 6 }, () => prepareDatabase(options)));
    expect(await ledger(options.schema)).toEqual(all);
    await prepareDatabase(options);
    expect(await ledger(options.schema)).toEqual(all);
  });

  it('are applied all or none', async () => {
    const options = resolve({});
    const admin = await log.stranger();
    await admin.query(`CREATE SCHEMA ${options.schema}`);
    // The last migration meets something that is in its way.
    await admin.query(`CREATE TABLE ${options.schema}.meta (taken int)`);
    await expect(prepareDatabase(options)).rejects.toMatchObject({ code: '42P07' });
    await admin.query(`DROP TABLE ${options.schema}.meta`);
    const { rows } = await admin.query(
      `SELECT to_regclass('${options.schema}.migrations') AS ledger, to_regclass('${options.schema}.events') AS events`,
    );
    expect(rows).toEqual([{ ledger: null, events: null }]);
    await prepareDatabase(options);
  });

  it('are named, and nothing is changed, when they are missing and shall not be applied', async () => {
    const options = resolve({ migrate: false });
    await expect(prepareDatabase(options)).rejects.toMatchObject({
      code: 'MigrationsMissing',
      message: expect.stringContaining(
        `1 log, 2 append_v1, 3 subscriptions, 4 views, 5 inline_projections, 6 indexes, 7 timers, 8 operations, 10 ownership: apply the SQL that "troupe migrations --sql --schema ${options.schema}" prints`,
      ),
    });
    const admin = await log.stranger();
    const { rows } = await admin.query('SELECT to_regnamespace($1) AS schema', [options.schema]);
    expect(rows).toEqual([{ schema: null }]);
  });

  it('are named one by one when only some are missing', async () => {
    const options = resolve({});
    await prepareDatabase(options);
    const admin = await log.stranger();
    await admin.query(`DELETE FROM ${options.schema}.migrations WHERE number = 2`);
    const missing = prepareDatabase({ ...options, migrate: false });
    await expect(missing).rejects.toThrow(/lacks the migrations 2 append_v1:/);
  });

  it.each(['plain', 'Capital', `with 'quote`, 'with "quotes"', 'dollar$1', 'with space', 'é😀'])(
    'printed as a script make the schema %j, ready to be used',
    async (name) => {
      const schema = `${freshSchema()} ${name}`;
      const options = resolve({ schema, migrate: false });
      const admin = await log.stranger();
      await admin.query(allMigrationsSql(schema));
      await prepareDatabase(options);
      const store = new PostgresStore(options);
      const writer = await store.registerWriter();
      const stream = { aggregate: 'a', id: 'a' };
      const batch = batchOf({ rows: [eventRow(stream, 1)] });
      expect((await store.append(writer, batch)).kind).toBe('stored');
      expect(await store.readAll({ after: 0, limit: 10 })).toHaveLength(1);
      await store.close();
      await admin.query(`DROP SCHEMA ${quoted(schema)} CASCADE`);
    },
  );

  it('of one schema leave another one alone', async () => {
    const [one, two] = [resolve({}), resolve({})];
    await prepareDatabase(one);
    await expect(prepareDatabase({ ...two, migrate: false })).rejects.toMatchObject({
      code: 'MigrationsMissing',
    });
  });

  it('cannot be applied where no server answers', async () => {
    const options = resolve({ url: 'postgres://postgres@127.0.0.1:1/postgres' });
    await expect(prepareDatabase(options)).rejects.toMatchObject({ code: 'StoreUnavailable' });
  });

  function resolve(options: Partial<PostgresOptions>) {
    return resolvePostgres({
      kind: 'postgres',
      url: databaseUrl(),
      schema: freshSchema(),
      ...options,
    });
  }

  async function ledger(schema: string) {
    const admin = await log.stranger();
    return (await admin.query(`SELECT number, name FROM ${schema}.migrations ORDER BY number`))
      .rows;
  }
});
