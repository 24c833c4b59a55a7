import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { freshSchema } from '../support/postgres.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('checking a database at start', () => {
  it('accepts what the migrations made', async () => {
    await prepareDatabase(await freshlyMigrated());
  });

  it.each([
    ['SET CACHE 10', { what: 'the cache of the position sequence', expected: '1', given: '10' }],
    ['SET INCREMENT BY 2', { what: 'the increment of the position sequence', given: '2' }],
    ['SET CYCLE', { what: 'the position sequence', expected: 'NO CYCLE', given: 'CYCLE' }],
  ])('H20 refuses a sequence of positions after %s', async (change, details) => {
    const error = await refusalAfter(`ALTER TABLE events ALTER position ${change}`);
    expect(error.details).toMatchObject(details);
  });

  it.each(['lock_append', 'refuse_change', 'refuse_truncate'])(
    'H20 refuses a trigger %s that is disabled, not ENABLE ALWAYS, or missing',
    async (trigger) => {
      for (const change of [
        `ALTER TABLE events DISABLE TRIGGER ${trigger}`,
        `ALTER TABLE events ENABLE TRIGGER ${trigger}`,
        `ALTER TABLE events ENABLE REPLICA TRIGGER ${trigger}`,
        `DROP TRIGGER ${trigger} ON events`,
      ]) {
        const error = await refusalAfter(change);
        expect(error.message).toContain(trigger);
        expect(error.details).toMatchObject({ expected: 'ENABLE ALWAYS' });
      }
    },
  );

  it('refuses another number of slices', async () => {
    const error = await refusalAfter("UPDATE meta SET value = '128' WHERE name = 'slices'");
    expect(error.details).toMatchObject({ expected: '256', given: '128' });
  });

  it('refuses a schema that needs newer code', async () => {
    const error = await refusalAfter("UPDATE meta SET value = '9999' WHERE name = 'needs_code'");
    expect(error.message).toContain('9999: it needs a newer release of troupe');
  });

  it('accepts migrations of a newer release that older code can live with', async () => {
    const options = await freshlyMigrated();
    const admin = await adminOf(options.schema);
    await admin.query("INSERT INTO migrations (number, name) VALUES (9999, 'from the future')");
    await prepareDatabase(options);
    await prepareDatabase({ ...options, migrate: false });
  });

  async function refusalAfter(change: string): Promise<Error & { details: object }> {
    const options = await freshlyMigrated();
    const admin = await adminOf(options.schema);
    await admin.query(change);
    const error = await prepareDatabase(options).then(
      () => expect.fail(`${change}: accepted`),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'UnfitDatabase' });
    return error as Error & { details: object };
  }

  async function freshlyMigrated() {
    const options = { ...log.log.options, schema: freshSchema() };
    await prepareDatabase(options);
    return options;
  }

  async function adminOf(schema: string): Promise<pg.Client> {
    const admin = await log.stranger();
    await admin.query(`SET search_path = ${schema}`);
    return admin;
  }
});
