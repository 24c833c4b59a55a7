import { describe, expect, it } from 'vitest';
import type { Writer } from '../../src/store/store.js';
import type { ShardClient } from '../../src/threads/shard-client.js';
import { eventually } from '../support/eventually.js';
import { hold, unavailable } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { clientUnderTest, command, type PlayedShard } from './support/client-under-test.js';

const accepted = (ref: number, version = 1, position = version) =>
  ({
    ref,
    kind: 'accepted',
    version,
    position,
    deduplicated: false,
    events: [],
    state: undefined,
  }) as const;
const wanted = { aggregate: 'tally', id: 'a', after: 0, limit: 10 };

async function running(settings = {}) {
  const scene = clientUnderTest(settings);
  const starting = begin(scene.client);
  await untilStarted(scene.shards, 1);
  scene.shards[0]!.says({ ready: true });
  await starting;
  return scene;
}

function untilStarted(shards: readonly PlayedShard[], count: number) {
  return eventually(() => expect(shards).toHaveLength(count), 1);
}

describe('the host of a shard whose thread has ended', () => {
  it('H06 answers what the log holds and hands all else to the next thread, in order', async () => {
    const { send, shards, append } = await running();
    const commands = [command(), command({ id: 'b' }), command()];
    const replies = commands.map(send);
    await turns(2);
    await append(commands[0]!, 1);
    shards[0]!.dies();
    const later = command();
    void send(later);
    await untilStarted(shards, 2);
    expect(await replies[0]).toMatchObject({ kind: 'accepted', version: 1, position: 1 });
    shards[1]!.says({ ready: true });
    await turns(2);
    expect(shards[1]!.commands).toMatchObject([
      { commandId: commands[1]!.commandId, handovers: 1 },
      { commandId: commands[2]!.commandId, handovers: 1 },
      { commandId: later.commandId, handovers: 0 },
    ]);
  });

  it('refuses what has no events and came before something stored: its verdict ended with the thread', async () => {
    const { send, shards, append } = await running();
    const query = command({ type: '$state' });
    const [early, elsewhere, stored, tail] = [
      command(),
      command({ id: 'b' }),
      command(),
      command(),
    ];
    const early2 = command();
    const all = [early, query, elsewhere, early2, stored, tail].map((it) => watch(send(it)));
    await turns(2);
    await append(stored, 1);
    shards[0]!.dies();
    await untilStarted(shards, 2);
    for (const one of [all[0]!, all[3]!])
      expect(await one.promise).toMatchObject({ kind: 'refused', code: 'Overtaken' });
    expect(await all[4]!.promise).toMatchObject({ kind: 'accepted', version: 1 });
    shards[1]!.says({ ready: true });
    await turns(2);
    expect(shards[1]!.commands.map((it) => it.ref)).toEqual([query.ref, elsewhere.ref, tail.ref]);
  });

  it('sends an overtaken one again if its key is stored: it gets that outcome', async () => {
    const { send, shards, append } = await running();
    const [keyed, lost, stored] = [command({ key: 'one' }), command({ key: 'two' }), command()];
    const replies = [keyed, lost, stored].map((it) => watch(send(it)));
    await turns(2);
    await append(stored, 1, [keyed]);
    shards[0]!.dies();
    await untilStarted(shards, 2);
    expect(await replies[1]!.promise).toMatchObject({ kind: 'refused', code: 'Overtaken' });
    shards[1]!.says({ ready: true });
    await turns(2);
    expect(shards[1]!.commands.map((it) => it.ref)).toEqual([keyed.ref]);
  });

  it('H06 starts the next one only after the fence', async () => {
    const { shards, store } = await running();
    const fence = hold<'fence'>();
    store.next('fence', fence.fault);
    shards[0]!.dies();
    await fence.reached;
    await turns();
    expect(shards).toHaveLength(1);
    fence.release();
    await untilStarted(shards, 2);
  });

  it('tries until the database can be asked, and needs no fence for a writer that was removed', async () => {
    const { shards, store, send } = await running();
    void send();
    await turns(2);
    store.next('fence', unavailable);
    store.next('findCommands', unavailable);
    store.next('registerWriter', unavailable);
    await store.retireWriter(shards[0]!.start.writer.id);
    shards[0]!.dies();
    await untilStarted(shards, 2);
  });

  it('tells that it recovered only when the next one takes commands', async () => {
    const { shards, notices } = await running();
    shards[0]!.dies();
    await untilStarted(shards, 2);
    expect(notices).toEqual(['degraded']);
    shards[1]!.says({ ready: true });
    expect(notices).toEqual(['degraded', 'recovered']);
  });

  it('waits longer and longer for threads that end before they take commands', async () => {
    const { shards } = await running();
    shards[0]!.dies();
    const starts: number[] = [];
    for (let count = 2; count < 8; count++) {
      await untilStarted(shards, count);
      starts.push(performance.now());
      shards.at(-1)!.dies();
    }
    // 20, 40, 80, 160 and 320 ms, each with a jitter of a half.
    expect(starts.at(-1)! - starts[0]!).toBeGreaterThan(310);
  });

  it('refuses what no thread has got in time, and what a thread had is unknown', async () => {
    const { shards, store, send, client } = await running({ unknownAfterMs: 100 });
    store.always('fence', unavailable);
    const handed = send(command({ deadline: Date.now() + 50 }));
    await turns(2);
    shards[0]!.dies();
    const unsent = send(command({ deadline: Date.now() + 50 }));
    expect(await unsent).toMatchObject({ kind: 'refused', code: 'DeadlineExceeded' });
    expect(await handed).toMatchObject({
      ...{ kind: 'unknown', command: { writerId: shards[0]!.start.writer.id } },
    });
    expect(client.inFlight).toBe(0);
  });

  it('refuses a command that is aborted before a thread has got it', async () => {
    const { shards, store, send, client } = await running();
    const fence = hold<'fence'>();
    store.next('fence', fence.fault);
    shards[0]!.dies();
    const message = command();
    const reply = send(message);
    client.abort(message);
    expect(await reply).toMatchObject({ kind: 'refused', code: 'Aborted' });
    fence.release();
    await untilStarted(shards, 2);
    shards[1]!.says({ ready: true });
    await turns(2);
    expect(shards[1]!.commands).toEqual([]);
  });

  it('asks the next one for the pages that were not read', async () => {
    const { shards, client } = await running();
    const page = client.readPage({ ref: 1, ...wanted });
    shards[0]!.dies();
    await untilStarted(shards, 2);
    shards[1]!.says({ ready: true });
    expect(shards[1]!.posted).toEqual([{ pages: [{ ref: 1, ...wanted }] }]);
    shards[1]!.says({ pages: [{ ref: 1, events: [] }] });
    expect(await page).toEqual([]);
  });

  it('H29 looks for commands above the positions of the server that it runs on, not of one before', async () => {
    const { shards, store, send } = await running();
    const first = command();
    void send(first);
    await turns(2);
    shards[0]!.answers(accepted(first.ref, 1, 500));
    // A failover: the log of the new server is shorter.
    const elsewhere = { incarnation: 'another server', afterPosition: 7 };
    store.next('registerWriter', async ({ go }) => ({ ...(await go()), ...elsewhere }) as Writer);
    shards[0]!.dies();
    await untilStarted(shards, 2);
    shards[1]!.says({ ready: true });
    void send();
    await turns(2);
    const search = hold<'findCommands'>();
    store.next('findCommands', search.fault);
    shards[1]!.dies();
    // In its stream, and in the one of its timers.
    const commands = [{ aggregate: 'tally' }, { aggregate: '$timers/tally' }];
    expect((await search.reached).args).toMatchObject([{ ...elsewhere, commands }]);
    search.release();
    await untilStarted(shards, 3);
  });
});

describe('a command that ends its thread', () => {
  it('is failed the second time, if its code was running', async () => {
    const { shards, send } = await running();
    const [culprit, other] = [command(), command()];
    const [failed] = [send(culprit), send(other)];
    for (const count of [1, 2]) {
      await turns(2);
      shards.at(-1)!.dies(culprit.ref);
      await untilStarted(shards, count + 1);
      shards.at(-1)!.says({ ready: true });
    }
    expect(await failed).toMatchObject({
      kind: 'failed',
      details: { commandId: culprit.commandId },
    });
    await turns(2);
    expect(shards[2]!.commands.map((message) => message.ref)).toEqual([other.ref]);
  });

  it('is found and failed if nothing tells of it, and then all others are handed over at once', async () => {
    const { shards, send } = await running();
    const commands = Array.from({ length: 100 }, () => command());
    const culprit = commands[20]!;
    const answered = new Set<number>();
    const replies = new Map(commands.map((message) => [message, watch(send(message))]));
    while (!replies.get(culprit)!.settled) {
      await turns(2);
      const shard = shards.at(-1)!;
      const handed = shard.commands.map((message) => message.ref);
      if (!handed.includes(culprit.ref)) {
        const open = handed.filter((ref) => !answered.has(ref));
        for (const ref of open) answered.add(ref);
        shard.answers(...open.map((ref) => accepted(ref)));
        continue;
      }
      const count = shards.length;
      shard.dies();
      await untilStarted(shards, count + 1);
      shards.at(-1)!.says({ ready: true });
    }
    expect(await replies.get(culprit)!.promise).toMatchObject({ kind: 'failed' });
    expect(shards.length - 1, 'deaths until it was found').toBe(5);
    await turns(2);
    expect(shards.at(-1)!.commands).toHaveLength(100 - answered.size - 1);
  });
});

describe('stopping the host of a shard', () => {
  it('refuses what no thread has got; what a dead one had is unknown', async () => {
    const { shards, store, send, client } = await running();
    const handed = send();
    await turns(2);
    store.next('fence', hold<'fence'>().fault);
    shards[0]!.dies();
    const unsent = send();
    await client.stop(0);
    expect(await unsent).toMatchObject({ kind: 'refused', code: 'Stopping' });
    expect(await handed).toMatchObject({ kind: 'unknown', reason: 'the runtime stopped' });
  });

  it('does not wait for a thread that has ended meanwhile', async () => {
    const { shards, client } = await running();
    shards[0]!.obeys = false;
    const stopping = watch(client.stop(60_000));
    expect(shards[0]!.posted).toContainEqual({ stop: 60_000 });
    shards[0]!.dies();
    await turns();
    expect(stopping.settled).toBe(true);
    expect(shards).toHaveLength(1);
  });

  it('refuses the reads that are under way', async () => {
    const { client } = await running();
    const page = client.readPage({ ref: 1, ...wanted });
    const refused = expect(page).rejects.toMatchObject({ code: 'Stopping' });
    await client.stop(0);
    await refused;
  });

  it('starts no thread when it was told to stop before the first one', async () => {
    const { client, shards, store } = clientUnderTest();
    const registering = hold<'registerWriter'>();
    store.next('registerWriter', registering.fault);
    const starting = watch(begin(client));
    await registering.reached;
    await client.stop(0);
    registering.release();
    await expect(starting.promise).rejects.toThrow('the runtime stops');
    expect(shards).toEqual([]);
  });
});

it('a page that cannot be read rejects with an error that has a code', async () => {
  const { shards, client } = await running();
  const page = client.readPage({ ref: 1, ...wanted });
  const failure = { name: 'x', message: 'away', code: 'StoreUnavailable' };
  shards[0]!.says({ pages: [{ ref: 1, events: [], failure }] });
  await expect(page).rejects.toThrow(
    expect.objectContaining({ code: 'StoreUnavailable', message: 'away' }),
  );
});

async function begin(client: ShardClient): Promise<void> {
  await client.start();
  await client.whenReady;
}
