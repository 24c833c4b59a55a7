import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf, eventRow } from '../contract/batches.js';
import { type OwnServer, ownServer } from './support/own-server.js';
import { type PostgresLog, postgresLog } from './support/postgres-log.js';
import { type ServerProxy, startProxy } from './support/proxy.js';

describe('behind a pooler that changes the server', () => {
  let server: OwnServer;
  let log: PostgresLog;
  let proxy: ServerProxy;

  beforeAll(async () => {
    server = await ownServer();
    log = await postgresLog(server.url);
    proxy = await startProxy(server.url);
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  it('H28 an append is refused as restarted although the connection never broke', async () => {
    const stream = { aggregate: 'h28', id: 'a' };
    const store = log.open({}, proxy.url);
    const writer = await store.registerWriter();
    const append = (version: number) =>
      store.append(writer, batchOf({ rows: [eventRow(stream, version)] }));
    expect((await append(1)).kind).toBe('stored');

    proxy.takeFrames();
    await proxy.swapServer(restarted);
    expect((await append(2)).kind).toBe('restarted');
    const startups = proxy.takeFrames().filter((frame) => frame.type === '');
    expect(startups, 'connections made by the client').toEqual([]);

    const fenced = await store.fence(writer.id);
    expect(fenced.incarnation).not.toBe(writer.incarnation);
    expect(await store.heads([stream])).toMatchObject([{ version: 1, commandId: 'command-a-1' }]);
    const batch = batchOf({ rows: [eventRow(stream, 2)] });
    expect((await store.append(fenced, batch)).kind).toBe('stored');
    await store.close();
  });

  it('commands are looked for from the start of the log in another incarnation', async () => {
    const stream = { aggregate: 'h28', id: 'b' };
    const store = log.open({}, server.url);
    const writer = await store.registerWriter();
    await store.append(writer, batchOf({ rows: [eventRow(stream, 1)] }));
    const { afterPosition } = await store.registerWriter();
    await store.close();
    const next = log.open({}, await restarted());
    const commands = [{ ...stream, commandId: 'command-b-1' }];
    const query = { commands, afterPosition, incarnation: writer.incarnation };
    expect(await next.findCommands(query)).toMatchObject([{ version: 1 }]);
    await next.close();
    await proxy.swapServer(async () => server.url);
  });

  it('a session without our prepared statements is unavailable, and the next append succeeds', async () => {
    const store = log.open({}, proxy.url);
    const writer = await store.registerWriter();
    const append = () => store.append(writer, batchOf({}));
    expect((await append()).kind).toBe('stored');
    await proxy.swapServer(async () => server.url, { forgets: true });
    expect((await append()).kind).toBe('unavailable');
    expect((await append()).kind).toBe('stored');
    await store.close();
  });

  async function restarted(): Promise<string> {
    server = await server.restart();
    return server.url;
  }
});
