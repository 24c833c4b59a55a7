import { describe, it } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { resolvePostgres } from '../../src/postgres/options.js';
import { PostgresStore } from '../../src/postgres/postgres-store.js';
import { NO_PGBOUNCER, pgbouncerProgram, startPgbouncer } from '../postgres/support/pgbouncer.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { storeContract } from './store-contract.js';

const program = pgbouncerProgram();

if (program) {
  storeContract('the store behind pgbouncer in transaction mode', async () => {
    const pooler = await startPgbouncer(program, databaseUrl());
    const options = resolvePostgres({
      ...{ kind: 'postgres', url: pooler.url, schema: freshSchema(), namedStatements: false },
    });
    await prepareDatabase(options); // migrations go through it as well
    return { open: () => new PostgresStore(options), stop: () => pooler.stop() };
  });
} else {
  describe('the store behind pgbouncer', () => {
    it.skip(NO_PGBOUNCER, () => undefined);
  });
}
