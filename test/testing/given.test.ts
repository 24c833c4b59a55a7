import { AssertionError } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { create, defineAggregate, upsert } from 'troupe';
import { given, newIdOf, stored } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { account, crash, deposit, open, withdraw } from '../support/account.js';
import { rejection } from '../support/settling.js';

const deposited = (cents: number) => ({ type: 'deposited', data: { cents } }) as const;
const opened = { type: 'opened', data: { owner: 'Ada' } } as const;

describe('given events, when a command, then', () => {
  it('these events, and this state', async () => {
    await given(account, [opened, deposited(5)])
      .when(withdraw(3))
      .thenEvents([{ type: 'withdrawn', data: { cents: 3 } }])
      .thenState({ owner: 'Ada', balance: 2 })
      .thenState((state) => expect(state.balance).toBe(2));
  });

  it('a rejection with its details, and the state as it was', async () => {
    await given(account, [opened, deposited(5)])
      .when(withdraw(9))
      .thenRejected('OVERDRAWN', { balance: 5 })
      .thenState({ owner: 'Ada', balance: 5 });
  });

  it('the rejections that every aggregate has', async () => {
    await given(account, []).when(deposit(1)).thenRejected('NotFound');
    await given(account, [opened], { id: 'ada' })
      .when(open)
      .thenRejected('AlreadyExists', { aggregate: 'account', id: 'ada' });
  });

  it('nothing', async () => {
    await given(account, [opened]).when({ type: 'check', data: {} }).thenNothing();
  });

  it('a refusal, for what would never reach the decider', async () => {
    const some = given(account, [opened]);
    await some.when(deposit(-1)).thenRefused('InvalidCommand');
    await some.when(deposit(1), { expectedVersion: 7 }).thenRefused('VersionConflict');
    await some.when({ type: 'burn', data: {} } as never).thenRefused('UnknownCommand');
    await given(account, [], { id: '' }).when(open).thenRefused('InvalidId');
    await given(account, [], { maxPayloadBytes: 20 })
      .when({ type: 'open', data: { owner: 'x'.repeat(20) } })
      .thenRefused('InvalidCommand');
  });

  it('a failure, where the code of the domain throws', async () => {
    await given(account, [opened])
      .when(crash)
      .thenFailed(/a bug met a balance of 0/);
  });

  it('what it came to, for checks of your own', async () => {
    const decided = await given(account, [opened]).when(deposit(2));
    expect(decided).toEqual({
      events: [deposited(2)],
      state: { owner: 'Ada', balance: 2 },
      version: 2,
      error: undefined,
    });
    const { error } = await given(account, []).when(deposit(2));
    expect(account.isRejection(error)).toBe(true);
  });

  it('the state of the given events alone', () => {
    given(account, [opened, deposited(5)]).thenState({ owner: 'Ada', balance: 5 });
    expect(() => given(account, [opened]).thenState({ owner: 'Eve', balance: 0 })).toThrow(/Eve/);
  });
});

describe('a check that does not hold', () => {
  it('carries both sides, so that runners show the difference', async () => {
    const some = given(account, [opened]).when(deposit(2));
    const error = await rejection(Promise.resolve(some.thenEvents([deposited(3)])));
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({ actual: [deposited(2)], expected: [deposited(3)] });
    expect(error.message).toContain('account.deposit: its events');
    expect(error.message).toMatch(/[+-] +cents: 2/);
  });

  it.each([
    [withdraw(9), 'accepted', 'rejected as OVERDRAWN: There are only 0 cents {"balance":0}'],
    [crash, 'accepted', 'failed: account.crash on id-1 failed: a bug met a balance of 0'],
    [deposit(-1), 'accepted', 'refused as InvalidCommand: Invalid command account.deposit: cents'],
  ])('says what became of %j instead', async (command, expected, was) => {
    const error = await rejection(
      Promise.resolve(given(account, [opened]).when(command).thenEvents([])),
    );
    expect(error.message).toContain(`expected to be ${expected}, but was ${was}`);
  });

  it.each([
    ['accepted with deposited', deposit(1)],
    ['rejected as OVERDRAWN', withdraw(1)],
  ])('of a rejection or a failure says that it was %s', async (was, command) => {
    const of = (check: PromiseLike<unknown>) => rejection(Promise.resolve(check));
    const when = () => given(account, [opened]).when(command);
    expect((await of(when().thenRejected('NotFound'))).message).toContain(was);
    expect((await of(when().thenRefused('InvalidCommand'))).message).toContain(was);
    expect((await of(when().thenFailed())).message).toContain(was);
  });

  it('compares the details of a rejection', async () => {
    const check = given(account, [opened]).when(withdraw(1));
    const error = await rejection(Promise.resolve(check.thenRejected('OVERDRAWN', { balance: 1 })));
    expect(error).toMatchObject({ actual: { balance: 0 }, expected: { balance: 1 } });
  });

  it('fails the following checks too, and is reported though nobody awaits it', async () => {
    const heard = new Promise((resolve) => process.once('unhandledRejection', resolve));
    const listeners = process.listeners('unhandledRejection').slice(0, -1);
    for (const listener of listeners) process.off('unhandledRejection', listener);
    try {
      given(account, [opened]).when(deposit(2)).thenNothing().thenState({ owner: '', balance: 2 });
      expect(await heard).toMatchObject({ actual: [deposited(2)], expected: [] });
    } finally {
      for (const listener of listeners) process.on('unhandledRejection', listener);
    }
  });
});

describe('the given events', () => {
  it.each([
    [{ type: 'deposited', data: { cents: -5 } }, /events\[1\] \(deposited\): .*cents/],
    [{ type: 'burnt', data: {} }, /events\[1\] \(burnt\): expected an event of type opened, dep/],
    [undefined, /events\[1\] \(undefined\): expected an event/],
    [{ type: 'deposited', data: { cents: 5n } }, /events\[1\] \(deposited\): /],
  ])('%o must be one that the aggregate could have stored', async (event, message) => {
    const some = given(account, [opened, event as never]).when(deposit(1));
    expect((await rejection(Promise.resolve(some))).message).toMatch(message);
  });

  it('may stand as an older release has stored them, and are then only read', async () => {
    await given(account, [opened, stored('deposited', { cents: -5, old: true })])
      .when(deposit(1))
      .thenState({ owner: 'Ada', balance: -4 });
  });

  it('that cannot be read fail the test with the place', async () => {
    const some = given(account, [stored('deposited', { cents: 1 }, 99)]).when(deposit(1));
    const error = await rejection(Promise.resolve(some));
    expect(error.message).toMatch(/events\[0\] \(deposited\): .*unknown schema version 99/);
  });
});

describe('a decider in a test gets', () => {
  const probe = defineAggregate({
    name: 'probe',
    commands: {
      look: upsert(z.object({ name: z.string().default('nobody') })),
      spoil: upsert(z.object({})),
    },
    events: { seen: z.record(z.string(), z.unknown()) },
    initialState: { seen: 0 },
    services: () => ({ rate: 'real' }),
    decide: {
      look: (_state, { name }, context) => [
        context.event.seen({
          name,
          id: context.id,
          version: context.version,
          now: context.now.toISOString(),
          commandId: context.commandId,
          newIds: [context.newId(), context.newId()],
          correlation: context.metadata.correlationId,
          tenant: context.metadata.tenant,
          rate: context.services.rate,
        }),
      ],
      spoil(state) {
        state.seen += 1;
        return [];
      },
    },
    evolve: {
      seen(state) {
        state.seen += 1;
      },
    },
  });
  const look = { type: 'look', data: {} } as const;

  it('a determined context', async () => {
    const seen = { type: 'seen', data: {} } as const;
    const { events } = await given(probe, [seen, seen], { id: 'p' }).when(look);
    expect(events).toEqual([
      {
        type: 'seen',
        data: {
          name: 'nobody',
          id: 'p',
          version: 2,
          now: '2024-02-29T12:00:00.000Z',
          commandId: 'command-1',
          newIds: [newIdOf('command-1', 1), newIdOf('command-1', 2)],
          correlation: 'command-1',
          rate: 'real',
        },
      },
    ]);
  });

  it('time, ids, metadata and services as the test gives them', async () => {
    const options = { now: '2030-01-01T00:00:00Z', commandId: 'c', metadata: { tenant: 't' } };
    const { events } = await given(probe, [], { services: { rate: 'fake' } }).when(look, options);
    expect(events[0]?.data).toMatchObject({
      ...{ now: '2030-01-01T00:00:00.000Z', commandId: 'c', tenant: 't', rate: 'fake' },
      newIds: [newIdOf('c', 1), newIdOf('c', 2)],
    });
  });

  it('a frozen state', async () => {
    await given(probe, [])
      .when({ type: 'spoil', data: {} })
      .thenFailed(/read only/);
  });
});

describe('an impure decider', () => {
  let calls = 0;
  const impure = defineAggregate({
    name: 'impure',
    commands: {
      draw: create(z.object({})),
      count: upsert(z.object({})),
      turn: upsert(z.object({})),
    },
    events: { drawn: z.object({ id: z.string() }), counted: z.object({}) },
    errors: { ODD: { number: 1, details: z.object({ calls: z.number() }), message: 'odd' } },
    initialState: { at: 0 },
    decide: {
      draw: (_state, _data, { event }) => [event.drawn({ id: randomUUID() })],
      count: (_state, _data, { event }) => [event.counted({})],
      turn: (_state, _data, { reject }) => reject('ODD', { calls: ++calls }),
    },
    evolve: {
      drawn: (state) => state,
      counted(state) {
        state.at = ++calls;
      },
    },
  });

  it('is found by deciding twice, unless that is switched off', async () => {
    const draw = { type: 'draw', data: {} } as const;
    const error = await rejection(Promise.resolve(given(impure, []).when(draw)));
    expect(error).toBeInstanceOf(AssertionError);
    expect(error.message).toMatch(/impure\.draw: decided again, .*it gave\n {2}\[drawn /);
    const once = await given(impure, []).when(draw, { decideTwice: false });
    expect(once.events).toHaveLength(1);
  });

  it('that rejects otherwise the second time is found too', async () => {
    const error = await rejection(
      Promise.resolve(given(impure, []).when({ type: 'turn', data: {} })),
    );
    expect(error.message).toContain('decided again');
  });

  it('or evolver is found by reading its events again', async () => {
    const when = given(impure, []).when({ type: 'count', data: {} }, { decideTwice: false });
    const error = await rejection(Promise.resolve(when));
    expect(error.message).toContain('evolve to another state when they are read again');
  });
});

describe('a durable decider', () => {
  const asked: { attempt: number; key: string }[] = [];
  const payment = defineAggregate({
    name: 'payment',
    commands: { pay: create(z.object({ cents: z.number() })), refund: z.object({}) },
    events: { paid: z.object({ receipt: z.string() }), refunded: z.object({}) },
    errors: { DECLINED: { number: 1, message: 'declined' } },
    initialState: {},
    services: (): { charge(cents: number, key: string, attempt: number): Promise<string> } => {
      throw new Error('not in tests');
    },
    decide: {
      pay: {
        durable: async (_state, { cents }, context) => {
          if (cents > 100) return context.reject('DECLINED');
          const key = context.commandId;
          const receipt = await context.services.charge(cents, key, context.attempt);
          return [context.event.paid({ receipt })];
        },
      },
      refund: { durable: async (_state, _data, { event }) => [event.refunded({})] },
    },
    evolve: { paid: (state) => state, refunded: (state) => state },
  });
  const services = {
    charge: async (cents: number, key: string, attempt: number) => {
      asked.push({ attempt, key });
      if (cents === 13) throw new Error('no connection');
      return `paid ${cents}`;
    },
  };
  const pay = (cents: number) => ({ type: 'pay', data: { cents } }) as const;

  it('runs with the services that the test gives, twice with the same key', async () => {
    await given(payment, [], { services })
      .when(pay(5), { commandId: 'k' })
      .thenEvents([{ type: 'paid', data: { receipt: 'paid 5' } }]);
    expect(asked).toEqual([
      { attempt: 1, key: 'k' },
      { attempt: 2, key: 'k' },
    ]);
  });

  it('may reject and fail, and is not asked for the wrong kind of stream', async () => {
    await given(payment, [], { services }).when(pay(500)).thenRejected('DECLINED');
    await given(payment, [], { services })
      .when(pay(13))
      .thenFailed(/no connection/);
    await given(payment, [], { services })
      .when({ type: 'refund', data: {} })
      .thenRejected('NotFound');
  });
});
