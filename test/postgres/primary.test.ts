import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareDatabase } from '../../src/postgres/migrate.js';
import { batchOf } from '../contract/batches.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { useLog } from './support/use-log.js';

let server: OwnServer;
beforeAll(async () => {
  server = await ownServer();
});
const log = useLog(() => server.url);
afterAll(() => server.stop());

describe('a server that cannot be written to', () => {
  it('is refused with its reason when the database is read-only', async () => {
    const role = `reader_${randomBytes(4).toString('hex')}`;
    const admin = await log.stranger();
    await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'secret'`);
    await admin.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    const url = new URL(server.url);
    url.username = role;
    url.password = 'secret';
    await expectRefusal(url.href, 'ReadOnlyDatabase');
  });

  it('is refused for the moment when it is a standby, whose answers are from the past', async () => {
    server = await server.restartAsStandby();
    await expectRefusal(server.url, 'StoreUnavailable');
  });
});

async function expectRefusal(url: string, code: string): Promise<void> {
  await expect(prepareDatabase({ ...log.log.options, url, directUrl: url })).rejects.toMatchObject({
    code,
  });
  const store = log.open({}, url);
  await expect(store.heads([{ aggregate: 'a', id: 'a' }])).rejects.toMatchObject({ code });
  const result = await store.append(log.writer, batchOf({}));
  expect(result).toMatchObject({ kind: 'unavailable', cause: { code } });
}
