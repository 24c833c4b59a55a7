import type pg from 'pg';
import { SetupError } from '../messages/errors.js';
import { checkDatabase, checkServer } from './check-database.js';
import { clientClass, clientConfig, prepareSession } from './connection.js';
import { ledgerSql, MIGRATIONS, migrationSql } from './migrations/index.js';
import { lockClass, MIGRATION_LOCK, quoted } from './names.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { startFailure } from './start-failure.js';

/**
 * Brings the schema up to date, under a lock and in one transaction, and checks that the database can
 * hold a log. With `migrate: false` it changes nothing and throws `MigrationsMissing`, naming them.
 */
export async function prepareDatabase(
  options: ResolvedPostgres,
  credentials?: Credentials,
): Promise<void> {
  const Client = clientClass(credentials);
  const client = new Client(clientConfig(options, 'admin'));
  client.on('error', () => undefined); // the query under way rejects as well
  try {
    await client.connect();
    await prepareSession(client, options);
    await checkServer(client, options.schema);
    if (options.migrate) await migrate(client, options.schema);
    else await checkMigrations(client, options.schema);
    await checkDatabase(client, options.schema);
  } catch (error) {
    throw startFailure(error, options);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function migrate(client: pg.Client, schema: string): Promise<void> {
  if ((await missing(client, schema)).length === 0) return;
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [
      lockClass(schema),
      MIGRATION_LOCK,
    ]);
    await client.query(ledgerSql(schema));
    // Looked up again: whoever held the lock before may have applied them.
    for (const migration of await missing(client, schema))
      await client.query(migrationSql(migration, schema));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function checkMigrations(client: pg.Client, schema: string): Promise<void> {
  const names = (await missing(client, schema)).map((m) => `${m.number} ${m.name}`);
  if (names.length === 0) return;
  const advice = `apply the SQL that "troupe migrations --sql --schema ${schema}" prints, or start with migrate: true`;
  throw new SetupError(
    'MigrationsMissing',
    `Schema ${schema} lacks the migrations ${names.join(', ')}: ${advice}`,
    { schema, missing: names },
  );
}

async function missing(client: pg.Client, schema: string): Promise<typeof MIGRATIONS> {
  const { rows } = await client.query<{ ledger: string | null }>(
    'SELECT to_regclass($1)::text AS ledger',
    [`${quoted(schema)}.migrations`],
  );
  if (!rows[0]?.ledger) return MIGRATIONS;
  const applied = await client.query<{ number: number }>(
    `SELECT number FROM ${quoted(schema)}.migrations`,
  );
  const numbers = new Set(applied.rows.map((row) => row.number));
  return MIGRATIONS.filter((m) => !numbers.has(m.number));
}
