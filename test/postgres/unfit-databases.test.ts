import { randomBytes } from 'node:crypto';
import { startRuntime } from 'troupe';
import { describe, expect, it } from 'vitest';
import { account } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('a start on a database that does not fit', () => {
  it.each(['SQL_ASCII', 'LATIN1'])(
    'refuses the encoding %s, and changes nothing in it',
    async (encoding) => {
      const name = `wrong_${encoding.toLowerCase()}_${randomBytes(4).toString('hex')}`;
      const admin = await log.stranger();
      await admin.query(
        `CREATE DATABASE ${name} ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      );
      try {
        const url = urlOf(name);
        await expect(start(url)).rejects.toMatchObject({
          code: 'UnfitDatabase',
          message: expect.stringContaining(
            `the encoding of the database ${name}: expected UTF8, got ${encoding}`,
          ),
          details: { expected: 'UTF8', given: encoding },
        });
        const inside = await log.stranger(url);
        const { rows } = await inside.query(
          "SELECT 1 FROM pg_namespace WHERE nspname LIKE 'test%'",
        );
        expect(rows).toEqual([]);
        await inside.end();
      } finally {
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }
    },
  );

  it('says that there is no such database', async () => {
    await expect(start(urlOf('nowhere'))).rejects.toMatchObject({
      code: 'NoDatabase',
      message: expect.stringMatching(/^There is no database nowhere: expected one in UTF8/),
      details: { database: 'nowhere' },
      cause: { code: '3D000' },
    });
  });

  it('says that there is no such role, and keeps passwords to itself', async () => {
    const url = new URL(databaseUrl());
    url.username = 'nobody';
    url.password = 'hidden';
    const error = await start(url.href).then(
      () => expect.fail('started'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ code: 'LoginRefused', details: { user: 'nobody' } });
    expect(error.message).toContain('The server refused the role nobody');
    expect(error.message).not.toContain('hidden');
  });
});

function urlOf(name: string): string {
  const url = new URL(databaseUrl());
  url.pathname = name;
  return url.href;
}

function start(url: string) {
  const store = { kind: 'postgres', url, schema: freshSchema() } as const;
  return startRuntime({ domain: { account }, store, shards: 0 });
}
