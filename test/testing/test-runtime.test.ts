import { defineAggregate, MemoryLog, upsert } from 'troupe';
import { FakeClock, hold, once, sequentialIds, testRuntime } from 'troupe/testing';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { account, deposit, grant, open, withdraw } from '../support/account.js';
import { collect } from '../support/collect.js';
import { watch } from '../support/settling.js';

const probe = defineAggregate({
  name: 'probe',
  commands: { look: upsert(z.object({})) },
  events: { seen: z.object({ at: z.number(), rate: z.string() }) },
  initialState: {},
  services: () => ({ rate: 'real' }),
  decide: {
    look: (_state, _data, { event, now, services }) => [
      event.seen({ at: now.getTime(), rate: services.rate }),
    ],
  },
  evolve: { seen: (state) => state },
});
const look = { type: 'look', data: {} } as const;

describe('a runtime for tests', () => {
  it.each([
    ['definitions', [account, probe]],
    ['a module', { account, probe, answer: 42 }],
    ['the URL of a module', new URL('../support/account.ts', import.meta.url)],
  ])('takes %s and runs commands as in production', async (_, domain) => {
    await using troupe = await testRuntime({ domain });
    const accounts = troupe.aggregate(account);
    const { id } = await accounts.create(open);
    await accounts.send(id, deposit(5));
    const result = await accounts.trySend(id, withdraw(9));
    expect(result).toMatchObject({ ok: false, shortCode: 'OVERDRAWN', details: { balance: 5 } });
    expect(await accounts.state(id)).toMatchObject({ version: 2, state: { balance: 5 } });
  });

  it('makes the same ids and times on every run', async () => {
    const run = async () => {
      await using troupe = await testRuntime({ domain: [account] });
      await troupe.aggregate(account).create(open);
      troupe.clock.advance(1000);
      await troupe.aggregate(account).create(open);
      return collect(troupe.runtime.events());
    };
    const events = await run();
    expect(await run()).toEqual(events);
    expect(events.map(({ id, commandId }) => [id, commandId])).toEqual([
      ['00000000-0000-8000-8000-000000000001', '00000000-0000-8000-8000-000000000002'],
      ['00000000-0000-8000-8000-000000000003', '00000000-0000-8000-8000-000000000004'],
    ]);
    expect(events.map(({ recordedAt }) => recordedAt.toISOString())).toEqual([
      ...['2024-02-29T12:00:00.000Z', '2024-02-29T12:00:01.000Z'],
    ]);
  });

  it('takes clock, ids and services from the test', async () => {
    const clock = new FakeClock('2030-01-01T00:00:00Z');
    const services = { probe: { rate: 'fake' } };
    const given = { domain: [probe], clock, ids: sequentialIds(7), services };
    await using troupe = await testRuntime(given);
    const { events, commandId } = await troupe.aggregate(probe).send('a', look);
    expect(events).toMatchObject([{ data: { at: Date.UTC(2030, 0, 1), rate: 'fake' } }]);
    expect(commandId).toBe('00000000-0007-8000-8000-000000000001');
  });

  it('takes ids that the domain module exports', async () => {
    await using troupe = await testRuntime({ domain: { probe, ids: { newId: () => 'own' } } });
    expect(await troupe.aggregate(probe).send('a', look)).toMatchObject({ commandId: 'own' });
  });

  it('refuses services of an aggregate that is not there', async () => {
    const starting = testRuntime({ domain: [probe], services: { prob: {} } });
    await expect(starting).rejects.toMatchObject({
      code: 'InvalidOption',
      details: { option: 'services.prob', expected: 'one of probe', given: 'prob' },
    });
  });

  it('checks options as startRuntime does', async () => {
    const starting = testRuntime({ domain: [probe], maxConflicts: 0 });
    await expect(starting).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  it('stops, and another one goes on with its log', async () => {
    const log = new MemoryLog();
    const first = await testRuntime({ domain: [account], log });
    await first.aggregate(account).send('a', grant(5));
    await first.stop();
    const late = first.aggregate(account).send('a', grant(5));
    await expect(late).rejects.toMatchObject({ code: 'Stopping' });
    await using second = await testRuntime({ domain: [account], log });
    expect(await second.aggregate(account).send('a', deposit(1))).toMatchObject({ version: 2 });
  });
});

describe('moving the clock of a runtime for tests', () => {
  it('lets the deadline of a waiting command pass', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const held = hold<'load'>();
    troupe.faults.next('load', held.fault);
    const sent = watch(troupe.aggregate(account).send('a', grant(1), { timeoutMs: 5000 }));
    await held.reached;
    troupe.clock.advance(4999);
    const second = troupe.aggregate(account).state('b');
    await second;
    expect(sent.settled).toBe(false);
    troupe.clock.advance(1);
    await expect(sent.promise).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    held.release();
  });

  it('lets a decided command become unknown, and then known', async () => {
    await using troupe = await testRuntime({ domain: [account], unknownAfterMs: 2000 });
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = watch(troupe.aggregate(account).send('a', grant(1), { timeoutMs: 1000 }));
    await held.reached;
    troupe.clock.advance(3000);
    await troupe.aggregate(account).events('a').next();
    expect(sent.settled).toBe(false);
    troupe.clock.advance(1);
    const unknown = await sent.promise.catch((error: unknown) => error);
    expect(unknown).toMatchObject({ code: 'OutcomeUnknown' });
    held.release();
    const resolved = await troupe.runtime.outcome(unknown as never);
    expect(['accepted', 'notExecuted']).toContain(resolved.kind);
  });

  it('lets idle actors leave memory, who are loaded again', async () => {
    await using troupe = await testRuntime({ domain: [account], idleMs: 60_000 });
    const accounts = troupe.aggregate(account);
    await accounts.send('a', grant(1));
    const loads = troupe.faults.calls('load');
    troupe.clock.advance(2000); // it is put aside
    await accounts.send('a', grant(1));
    expect(troupe.faults.calls('load')).toBe(loads);
    troupe.clock.advance(2000);
    troupe.clock.advance(60_000);
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 2 } });
    expect(troupe.faults.calls('load')).toBe(loads + 1);
  });

  it('lets the outcome of a key expire', async () => {
    await using troupe = await testRuntime({ domain: [account], keepOutcomesMs: 5000, idleMs: 0 });
    const accounts = troupe.aggregate(account);
    const key = { idempotencyKey: 'k' };
    await accounts.send('a', grant(1), key);
    troupe.clock.advance(4999);
    expect(await accounts.send('a', grant(1), key)).toMatchObject({ deduplicated: true });
    troupe.clock.advance(1);
    expect(await accounts.send('a', grant(1), key)).toMatchObject({ deduplicated: false });
  });

  it('needs a length of time', () => {
    expect(() => new FakeClock().advance(-1)).toThrow(/from 0, got -1/);
    expect(() => new FakeClock('yesterday')).toThrow(/got yesterday/);
  });

  it('ends the waits of who waits for it', async () => {
    const clock = new FakeClock();
    const waiting = watch(clock.wait(100));
    clock.advance(99);
    await Promise.resolve();
    expect(waiting.settled).toBe(false);
    clock.advance(1);
    await waiting.promise;
  });
});

it('a runtime for tests leaves no timer behind', async () => {
  const timers = vi.spyOn(globalThis, 'setInterval');
  const cleared = vi.spyOn(globalThis, 'clearInterval');
  const troupe = await testRuntime({ domain: [account], faults: { append: once((c) => c.go()) } });
  await troupe.aggregate(account).send('a', grant(1));
  await troupe.stop();
  expect(timers.mock.results.length).toBeGreaterThan(0);
  const left = timers.mock.results
    .map((result) => result.value as NodeJS.Timeout)
    .filter((timer) => !cleared.mock.calls.some(([one]) => one === timer));
  expect(left).toEqual([]);
});
