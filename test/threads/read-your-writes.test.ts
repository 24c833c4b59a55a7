import { isTroupeError, type Runtime, type WaitFailed } from 'troupe';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { feedsUrl, infoOf, makeSeen, seen } from './support/seen.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf } from './support/workload.js';

const db = useDatabase();
const start = (shards = 1) => db.start({ domain: feedsUrl, shards });
const waitFor = ['plain'];
beforeEach(() => makeSeen(db));

describe.each([0, 1])('with shards: %i', (shards) => {
  it('the receipt comes when all that are waited for have handled what was written', async () => {
    const runtime = await start(shards);
    for (let i = 1; i <= 20; i++) {
      const receipt = await tallyOf(runtime).send('a', add('one'), { waitFor: ['plain', 'wild'] });
      for (const name of ['plain', 'wild'])
        expect((await seen(db, name)).at(-1)!.position).toBe(receipt.position);
    }
    const created = await tallyOf(runtime).create(add('new'), { waitFor });
    expect((await seen(db, 'plain')).at(-1)).toMatchObject({ id: created.id });
    const tried = await tallyOf(runtime).trySend('a', add('two'), { waitFor });
    expect(tried).toMatchObject({ ok: true, receipt: { version: 21 } });
    expect(await seen(db, 'plain')).toHaveLength(22);
  });

  it('a time-out says that the command is stored, and carries its receipt', async () => {
    const runtime = await start(shards);
    await pausePlain(runtime);
    const sent = tallyOf(runtime).send('a', add('one'), { waitFor, waitForTimeoutMs: 60 });
    const error = await failure(sent);
    expect(error).toMatchObject({
      ...{ code: 'WaitTimedOut', outcome: 'accepted', receipt: { id: 'a', version: 1 } },
      message: expect.stringMatching(/a is stored \(version 1\): .*within 60 ms: it is at 0/),
      details: { name: 'plain', at: 0, timeoutMs: 60 },
    });
    expect(isTroupeError(error)).toBe(true);
    expect((await db.rows()).map((row) => row.position)).toEqual([error.receipt.position]);
    // Nothing is lost: it can be waited for again.
    await runtime.resume('plain');
    await runtime.waitFor('plain', error.receipt.position);
  });

  it('H34 a parked event is said to be parked, with the receipt; and so is what waits behind it', async () => {
    const runtime = await start(shards);
    const options = { waitFor: ['plain', 'wild'] };
    for (const [token, version] of [['poison', 1] as const, ['behind', 2] as const])
      expect(await failure(tallyOf(runtime).send('a', add(token), options))).toMatchObject({
        ...{ code: 'Parked', receipt: { version } },
        details: { subscription: 'wild', id: 'a', version: 1 },
        message: expect.stringContaining('is stored'),
      });
    await tallyOf(runtime).send('b', add('other'), options);
  });
});

it('a no-op waits for the last event of its stream, and a rejection for nothing', async () => {
  const runtime = await start(0);
  await pausePlain(runtime);
  const rejected = await tallyOf(runtime).trySend(
    'b',
    { type: 'take', data: { token: 't' } },
    { waitFor },
  );
  expect(rejected).toMatchObject({ ok: false, shortCode: 'EMPTY' });
  const { position } = await tallyOf(runtime).send('a', add('one'));
  const look = { type: 'look', data: {} } as const;
  const waited = await failure(tallyOf(runtime).send('a', look, { waitFor, waitForTimeoutMs: 50 }));
  expect(waited).toMatchObject({ code: 'WaitTimedOut', receipt: { position, events: [] } });
  await runtime.resume('plain');
  expect((await tallyOf(runtime).send('a', look, { waitFor })).position).toBe(position);
});

it('what nobody runs, and a time that is none, are refused before anything is sent', async () => {
  const runtime = await start(0);
  const send = (options: object) => tallyOf(runtime).send('a', add('one'), options);
  await expect(send({ waitFor: ['plain', 'plane'] })).rejects.toMatchObject({
    code: 'UnknownSubscription',
    details: { name: 'plane' },
  });
  await expect(send({ waitFor, waitForTimeoutMs: 0 })).rejects.toMatchObject({
    code: 'InvalidCommand',
    message: expect.stringContaining('waitForTimeoutMs: expected 1 to'),
  });
  expect(await db.rows()).toEqual([]);
});

it('commands of one turn keep their order, whichever of them wait', async () => {
  const runtime = await start(0);
  const client = tallyOf(runtime);
  const both = [client.send('a', add('first'), { waitFor }), client.send('a', add('second'))];
  expect((await Promise.all(both)).map((receipt) => receipt.version)).toEqual([1, 2]);
});

it('it does not matter which process runs what is waited for', async () => {
  const owner = await start(1);
  await eventually(async () => expect((await infoOf(owner, 'plain'))!.state).toBe('live'));
  const [standby, stranger] = [await start(0), await db.start({ shards: 0 })];
  for (const runtime of [standby, stranger, standby, stranger]) {
    const { position } = await tallyOf(runtime).send('a', add('one'), { waitFor });
    expect((await seen(db, 'plain')).at(-1)!.position).toBe(position);
  }
});

it('many who wait for another process ask the database with one statement', async () => {
  const owner = await start(1);
  const stranger = await db.start({ shards: 0 });
  await pausePlain(owner);
  const { feeds } = (stranger as unknown as { parts: { feeds: Inside } }).parts;
  const asked = vi.spyOn(feeds.known.parts.store, 'progress');
  const startedAt = performance.now();
  const sending = Array.from({ length: 200 }, (_, i) =>
    tallyOf(stranger).send(`id-${i % 7}`, add('one'), { waitFor }),
  );
  await eventually(() => expect(asked.mock.calls.length).toBeGreaterThan(5));
  await owner.resume('plain');
  await Promise.all(sending);
  const ms = performance.now() - startedAt;
  // However many wait, at most one statement at a time, and none sooner than its pace.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(ms / 2);
  expect(await seen(db, 'plain')).toHaveLength(200);
});

it('a runtime that stops lets nobody wait on', async () => {
  const runtime = await start(0);
  await pausePlain(runtime);
  const waiting = failure(tallyOf(runtime).send('a', add('one'), { waitFor }));
  await eventually(async () => expect(await db.rows()).toHaveLength(1));
  await runtime.stop();
  expect(await waiting).toMatchObject({ code: 'Stopping', receipt: { version: 1 } });
});

interface Inside {
  readonly known: { readonly parts: { readonly store: { progress(): Promise<unknown> } } };
}

async function pausePlain(runtime: Runtime): Promise<void> {
  await runtime.pause('plain');
  await eventually(async () => expect((await infoOf(runtime, 'plain'))!.state).toBe('paused'));
}

function failure(sent: Promise<unknown>): Promise<WaitFailed> {
  return sent.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as WaitFailed,
  );
}
