import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../src/postgres/connection.js';
import { lockClass } from '../../src/postgres/names.js';
import { appendLockHoldersStatement } from '../../src/postgres/statements/append-lock.js';
import { eventRow } from '../contract/batches.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { startProxy } from './support/proxy.js';
import { untilLockLookedUp } from './support/until-lock-looked-up.js';
import { useLog } from './support/use-log.js';

let server: OwnServer;

beforeAll(async () => {
  server = await ownServer({ max_prepared_transactions: '5' });
});
const log = useLog(() => server.url);
afterAll(() => server.stop());

it('H21 a prepared transaction, which has no process, keeps its positions open until it is decided', async () => {
  const stranger = await log.stranger();
  await stranger.query('BEGIN');
  const position = await log.insert(stranger, eventRow({ aggregate: 'h21', id: 'prepared' }, 1));
  await stranger.query("PREPARE TRANSACTION 'p1'");
  const later = await log.stored([eventRow({ aggregate: 'h21', id: 'later' }, 1)]);
  const holders = await run(stranger, appendLockHoldersStatement(lockClass(log.log.schema)));
  expect(holders).toEqual([{ transaction: expect.any(String), pid: undefined }]);

  let read: number[] | undefined;
  const proxy = await startProxy(server.url);
  const reader = log.open({}, proxy.url);
  const reading = reader.readAll({ after: 0, limit: 10 }).then((page) => {
    read = page.map((event) => event.position);
  });
  await untilLockLookedUp(proxy, 5);
  expect(read).toBeUndefined();
  await stranger.query("COMMIT PREPARED 'p1'");
  await reading;
  expect(read).toEqual([position, ...later]);
  await reader.close();
  await proxy.close();
});
