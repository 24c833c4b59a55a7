import {
  always,
  conflict,
  createMemoryStore,
  delay,
  FakeClock,
  type FaultPlan,
  fails,
  faultyStore,
  hold,
  losesAnswer,
  losesStatement,
  type Operation,
  once,
  testRuntime,
  times,
  unavailable,
} from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { batchOf, eventRow } from '../contract/batches.js';
import { account, deposit, grant, withdraw } from '../support/account.js';
import { collect } from '../support/collect.js';
import { watch } from '../support/settling.js';

const stream = { aggregate: 'account', id: 'a' };
const batch = batchOf({ rows: [eventRow(stream, 1)] });
const away = { code: 'StoreUnavailable', message: expect.stringContaining('injected') };

describe('a faulty store', () => {
  it('is as it should be where nothing is planned, and counts calls', async () => {
    const store = faultyStore(createMemoryStore());
    const writer = await store.registerWriter();
    expect((await store.append(writer, batch)).kind).toBe('stored');
    expect(await store.heads([stream])).toMatchObject([{ version: 1 }]);
    expect([store.calls('append'), store.calls('load')]).toEqual([1, 0]);
  });

  it('fails once, several times or always, in the order planned', async () => {
    const store = faultyStore(createMemoryStore(), {
      append: [times(2, conflict), once(fails('locked')), always(fails('unavailable'))],
      heads: once(unavailable),
    });
    const writer = await store.registerWriter();
    const kinds = [];
    for (let i = 0; i < 5; i++) kinds.push((await store.append(writer, batch)).kind);
    expect(kinds).toEqual(['conflict', 'conflict', 'locked', 'unavailable', 'unavailable']);
    await expect(store.heads([stream])).rejects.toMatchObject(away);
    expect(await store.heads([stream])).toMatchObject([{ version: 0 }]);
  });

  it('is switched in the middle of a test, for one operation or for all', async () => {
    const store = faultyStore(createMemoryStore(), { heads: always(unavailable) });
    store.always('readAll', unavailable);
    store.plan({ readStream: times(9, unavailable) });
    await expect(store.heads([stream])).rejects.toMatchObject(away);
    store.heal('heads');
    expect(await store.heads([stream])).toHaveLength(1);
    await expect(store.readAll({ after: 0, limit: 1 })).rejects.toMatchObject(away);
    store.heal();
    expect(await store.readAll({ after: 0, limit: 1 })).toEqual([]);
    expect(await store.readStream(stream, { after: 0, limit: 1 })).toEqual([]);
  });

  it.each([
    ['losesAnswer', losesAnswer, 1],
    ['losesStatement', losesStatement, 0],
  ])('%s: nobody knows, but %s executed %i time', async (_, fault, version) => {
    const store = faultyStore(createMemoryStore(), { append: once(fault), fence: once(fault) });
    const writer = await store.registerWriter();
    expect(await store.append(writer, batch)).toMatchObject({ kind: 'ambiguous' });
    expect(await store.heads([stream])).toMatchObject([{ version }]);
    await expect(store.fence(writer.id)).rejects.toMatchObject(away);
    expect((await store.fence(writer.id)).epoch).toBe(2 + version);
  });

  it('never rejects an append that is unavailable', async () => {
    const store = faultyStore(createMemoryStore(), { append: once(unavailable) });
    const writer = await store.registerWriter();
    expect(await store.append(writer, batch)).toMatchObject({ kind: 'unavailable' });
  });

  it('delays a call until the clock has moved, and by real time without one', async () => {
    const clock = new FakeClock();
    const store = faultyStore(createMemoryStore(), {
      heads: [once(delay(50, clock)), once(delay(1))],
    });
    const asked = watch(store.heads([stream]));
    const second = store.heads([stream]);
    expect(await second).toHaveLength(1);
    expect(asked.settled).toBe(false);
    clock.advance(50);
    expect(await asked.promise).toHaveLength(1);
  });

  it('needs a number of calls', () => {
    expect(() => times(0, conflict)).toThrow(/whole number of calls from 1, got 0/);
  });
});

const everyOperation: readonly Operation[] = [
  ...(['load', 'heads', 'findOutcomes', 'readRanges', 'fence', 'findCommands'] as const),
];

describe('a runtime keeps its guarantees when', () => {
  it.each<[string, FaultPlan]>([
    ['appends meet conflicts', { append: times(3, conflict) }],
    ['stored appends lose their answers', { append: [once(losesAnswer), once(losesAnswer)] }],
    ['appends get lost on the way', { append: times(2, losesStatement) }],
    ['appends are locked out', { append: once(fails('locked')) }],
    ['its writer is fenced', { append: once(fails('fenced')) }],
    [
      'the database is away for a while',
      { append: times(2, unavailable), load: times(2, unavailable) },
    ],
    [
      'all of it happens in turn',
      {
        load: once(unavailable),
        append: [
          once(conflict),
          once(losesAnswer),
          once(unavailable),
          once(losesStatement),
          once(conflict),
        ],
        fence: [once(unavailable), once(losesAnswer)],
        findOutcomes: once(unavailable),
        heads: once(unavailable),
      },
    ],
  ])('%s', async (_, faults) => {
    await using troupe = await testRuntime({ domain: [account], faults });
    const accounts = troupe.aggregate(account);
    const first = accounts.send('a', grant(100), { idempotencyKey: 'k' });
    const others = Array.from({ length: 5 }, () => accounts.send('a', deposit(1)));
    const refused = accounts.trySend('a', withdraw(1000));
    const receipts = await Promise.all([first, ...others]);
    // Each once, in the order sent, and the rejection on the state that includes them all.
    expect(receipts.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await refused).toMatchObject({ ok: false, details: { balance: 105 } });
    const events = await collect(accounts.events('a'));
    expect(events.map(({ commandId }) => commandId)).toEqual(
      receipts.map(({ commandId }) => commandId),
    );
    const again = await accounts.send('a', grant(100), { idempotencyKey: 'k' });
    expect(again).toMatchObject({ deduplicated: true, version: 1 });
    expect(await accounts.state('a')).toMatchObject({ version: 6, state: { balance: 105 } });
  });

  it.each(everyOperation)('%s is away twice in the midst of a recovery', async (operation) => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    await accounts.send('a', grant(1));
    troupe.faults.plan({ append: [once(losesAnswer), once(conflict)] });
    troupe.faults.next(operation, unavailable, unavailable);
    const receipts = await Promise.all(
      ['x', 'y'].map((idempotencyKey) => accounts.send('a', deposit(1), { idempotencyKey })),
    );
    expect(receipts.map(({ version }) => version)).toEqual([2, 3]);
    expect(await accounts.state('a')).toMatchObject({ version: 3, state: { balance: 3 } });
  });

  it('snapshots cannot be written: no command feels it', async () => {
    const faults = { saveSnapshots: always(unavailable) };
    await using troupe = await testRuntime({ domain: [account], faults });
    const warned = new Promise((resolve) => troupe.runtime.on('warning', resolve));
    const accounts = troupe.aggregate(account);
    await accounts.send('a', grant(1));
    await Promise.all(Array.from({ length: 100 }, () => accounts.send('a', deposit(1))));
    expect(await warned).toMatchObject({ message: 'snapshots could not be written' });
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 101 } });
  });

  it('conflicts do not end: the command is refused as contended, and nothing is stored', async () => {
    const faults = { append: always(conflict) };
    await using troupe = await testRuntime({ domain: [account], faults, maxConflicts: 2 });
    const accounts = troupe.aggregate(account);
    const sent = accounts.send('a', grant(1));
    await expect(sent).rejects.toMatchObject({ code: 'Contended', outcome: 'refused' });
    troupe.faults.heal();
    expect(await accounts.state('a')).toBeUndefined();
  });

  it('a commit is slow: nothing is answered before it, and one id does not wait for another load', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = watch(accounts.send('a', grant(1)));
    const read = watch(accounts.state('a'));
    await held.reached;
    await accounts.events('a').next();
    expect([sent.settled, read.settled]).toEqual([false, false]);
    held.release();
    expect(await sent.promise).toMatchObject({ version: 1 });
    expect(await read.promise).toMatchObject({ state: { balance: 1 } });
  });
});
