import type { PlainNotice } from 'troupe';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { watchThreads } from './support/inside.js';
import { OwnServer, runtimeOn, wireTo } from './support/own-server.js';
import { add, tallyOf } from './support/workload.js';

describe.each([0, 1])('a runtime with %i threads started while the server is away', (shards) => {
  it('says that it waits, and starts when the server is there', async () => {
    const server = await OwnServer.start();
    const wire = await wireTo(server);
    await server.down();
    const notices: PlainNotice[] = [];
    const onNotice = (notice: PlainNotice) => void notices.push(notice);
    const starting = runtimeOn(wire.url, { shards, onNotice });
    await eventually(() =>
      expect(notices).toMatchObject([
        { kind: 'degraded', message: expect.stringContaining('the start waits for the database') },
      ]),
    );
    expect(notices[0]?.message).toMatch(/at most 30000 ms \(startTimeoutMs\): The database cannot/);
    await server.up();
    wire.mend(server.url);
    const client = tallyOf(await starting);
    expect(await client.send('a', add('one'))).toMatchObject({ version: 1 });
    expect(notices.map(({ kind }) => kind)).toEqual(['degraded', 'recovered']);
  });

  it('gives up after the time that it was given, and leaves nothing behind', async () => {
    const threads = watchThreads();
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const url = 'postgres://ada:secret@127.0.0.1:1/accounts';
    const starting = runtimeOn(url, { shards, startTimeoutMs: 300 });
    const error = await starting.then(
      () => expect.fail('started'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({
      code: 'DatabaseUnreachable',
      details: { where: 'the database 127.0.0.1:1/accounts', startTimeoutMs: 300 },
      cause: { code: 'StoreUnavailable' },
    });
    expect(error.message).not.toContain('secret');
    expect((error as Error & { details: { attempts: number } }).details.attempts).toBeGreaterThan(
      1,
    );
    expect(await warned).toMatchObject({ name: 'TroupeWarning' });
    expect(threads.size).toBe(0);
  });
});
