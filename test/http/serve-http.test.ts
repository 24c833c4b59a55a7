import { serveHttp } from 'troupe/http';
import { describe, expect, it } from 'vitest';
import { openBody, serve, serveBank } from './support/served.js';

describe('a server', () => {
  it('listens on this machine alone by default, and says where', async () => {
    const { server } = await serveBank();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  });

  it('says that its port is taken', async () => {
    const { troupe, server } = await serveBank();
    await expect(serveHttp(troupe.runtime, { port: server.port })).rejects.toMatchObject({
      ...{ code: 'PortInUse', details: { host: '127.0.0.1', port: server.port } },
    });
  });

  it('finishes what is under way when it is closed, and takes nothing more', async () => {
    const { troupe } = await serveBank();
    const { ask, server } = await serve(troupe.runtime);
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    troupe.faults.next('append', async (call) => {
      await held;
      return call.go();
    });
    const sent = ask('POST', '/api/account', { body: openBody });
    await expect.poll(() => troupe.runtime.inFlight[0]).toBe(1);
    const closed = server.close();
    await expect(ask('GET', '/health/live')).rejects.toThrow('ECONNREFUSED');
    release?.();
    expect((await sent).status).toBe(201);
    await closed;
  });

  it('cuts what is under way after its time', async () => {
    const { troupe } = await serveBank();
    const { ask, server } = await serve(troupe.runtime);
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    troupe.faults.next('append', async (call) => {
      await held;
      return call.go();
    });
    const sent = ask('POST', '/api/account', { body: openBody }).catch((error: Error) => error);
    await expect.poll(() => troupe.runtime.inFlight[0]).toBe(1);
    await server.close({ drainMs: 10 });
    expect(await sent).toBeInstanceOf(Error);
    release?.();
  });
});
