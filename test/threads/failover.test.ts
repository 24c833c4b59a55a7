import { describe, expect, it, onTestFinished } from 'vitest';
import { startProxy } from '../postgres/support/proxy.js';
import { OwnServer, runtimeOn, wireTo } from './support/own-server.js';
import { add, expectNoLostUpdate, take, tallyOf, Workload } from './support/workload.js';

const ids = ['state', 'event', 'rejection', 'no-op'];

describe('a failover that lost the last commits', () => {
  it('H29 to another history with the same versions: nothing is answered from memory', async () => {
    const old = await OwnServer.start();
    const wire = await wireTo(old);
    const client = tallyOf(await runtimeOn(wire.url));
    for (const id of ids) await client.send(id, add('kept'));
    const next = await old.copy();
    wire.mend(old.url);
    // The last two of each are lost with the old server, and memory is full of them.
    for (const id of ids) {
      await client.send(id, add('lost'));
      await client.send(id, add('lost'));
      expect(await client.state(id)).toMatchObject({ version: 3, state: { count: 3 } });
    }
    await next.up();
    const others = tallyOf(await runtimeOn(next.url));
    for (const id of ids) {
      await others.send(id, take('other'));
      await others.send(id, add('other'));
    }
    wire.cut();
    wire.mend(next.url);

    const answers = await Promise.all([
      client.state('state'),
      client.send('event', add('new')),
      client.trySend('rejection', take('new')),
      client.send('no-op', { type: 'look', data: {} }, { state: true }),
    ]);
    expect(answers).toMatchObject([
      { version: 3, state: { count: 1 } },
      { version: 4, events: [{ data: { count: 4 } }] },
      { ok: true, receipt: { version: 4 } },
      { version: 3, state: { count: 1 } },
    ]);
    expect(await client.trySend('rejection', take('new'))).toMatchObject({ shortCode: 'EMPTY' });
    const rows = await next.rows();
    expectNoLostUpdate(rows);
    expect(rows.map((row) => row.data.token)).not.toContain('lost');
  });

  it('H28 behind a pooler, where no connection breaks: nothing is answered from memory', async () => {
    const old = await OwnServer.start();
    const pooler = await startProxy(old.url);
    onTestFinished(() => pooler.close());
    const client = tallyOf(await runtimeOn(pooler.url));
    for (const id of ids) await client.send(id, add('kept'));
    const next = await pooled(pooler, old);
    for (const id of ids) await client.send(id, add('lost'));
    await next.up();
    const others = tallyOf(await runtimeOn(next.url));
    for (const id of ids) await others.send(id, take('other'));
    pooler.takeFrames();
    await pooler.swapServer(async () => next.url);

    expect(await client.state('state')).toMatchObject({ version: 2, state: { count: 0 } });
    expect(await client.trySend('rejection', take('new'))).toMatchObject({ shortCode: 'EMPTY' });
    expect(await client.send('event', add('new'))).toMatchObject({
      ...{ version: 3, events: [{ data: { count: 3 } }] },
    });
    const startups = pooler.takeFrames().filter((frame) => frame.type === '');
    expect(startups, 'connections made by the runtime').toEqual([]);
    const rows = await next.rows();
    expectNoLostUpdate(rows);
    expect(rows.map((row) => row.data.token)).not.toContain('lost');
  });

  it('H29 that lost also the writer of the shard: work goes on', async () => {
    const old = await OwnServer.start();
    const wire = await wireTo(old);
    await (await runtimeOn(old.url)).stop(); // makes the schema
    const next = await old.copy();
    wire.mend(old.url);
    const client = tallyOf(await runtimeOn(wire.url));
    await client.send('a', add('lost'));
    await next.up();
    wire.cut();
    wire.mend(next.url);
    expect(await client.send('a', add('new'))).toMatchObject({ version: 1 });
  });

  it('H29 under load: what was under way is decided again where it was lost, and never stored twice', async () => {
    const old = await OwnServer.start();
    const wire = await wireTo(old);
    const runtime = await runtimeOn(wire.url);
    const load = new Workload(tallyOf(runtime));
    const spread = Array.from({ length: 10 }, (_, i) => `id-${i}`);
    for (let i = 0; i < 100; i++) void load.send(spread[i % 10]!);
    await load.settled();
    const next = await old.copy();
    wire.mend(old.url);

    const lost = new Workload(tallyOf(runtime));
    for (let i = 0; i < 100; i++) void lost.send(spread[i % 10]!);
    await lost.settled();
    const append = wire.interceptAppend();
    const underWay = new Workload(tallyOf(runtime));
    for (let i = 0; i < 100; i++) void underWay.send(spread[i % 10]!);
    await append.reached;
    expect(await append.pass()).toBe('stored');
    await next.up();
    wire.cut();
    wire.mend(next.url);
    await underWay.settled();

    expect(underWay.with('accepted')).toHaveLength(100);
    const rows = await next.rows();
    expectNoLostUpdate(rows);
    load.expectTruth(rows);
    underWay.expectTruth(rows);
    expect(rows).toHaveLength(200);
  });
});

/** A copy of the server behind a pooler, which notices that the server was restarted for it. */
async function pooled(pooler: Awaited<ReturnType<typeof startProxy>>, server: OwnServer) {
  let copy: OwnServer | undefined;
  await pooler.swapServer(async () => {
    copy = await server.copy();
    return server.url;
  });
  return copy!;
}
