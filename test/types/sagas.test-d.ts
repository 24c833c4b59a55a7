import {
  type CommandOutcome,
  command,
  defineSaga,
  type EffectOutcome,
  effect,
  only,
  type PlainError,
  type Saga,
  service,
} from 'troupe';
import { givenSaga } from 'troupe/testing';
import { expectTypeOf, test } from 'vitest';
import { assign, setup } from 'xstate';
import { account, transfer } from '../../examples/transfer/domain.js';

const notify = service(async (input: { to: string }, { key, signal }) => {
  expectTypeOf(key).toBeString();
  expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
  return { sentTo: input.to };
});

interface Context {
  from: string;
  cents: number;
  why: string;
}

type Event =
  | { type: 'confirmed'; by: string }
  | CommandOutcome<typeof account, 'withdraw' | 'deposit'>
  | EffectOutcome<'notify', typeof notify>;

const parts = setup({
  types: {} as { context: Context; events: Event; input: { from: string; cents: number } },
  actors: { notify },
  actions: {
    debit: command(account, 'withdraw', ({ context, event }) => {
      expectTypeOf(context).toEqualTypeOf<Context>();
      expectTypeOf(event).toEqualTypeOf<Event>();
      return { id: context.from, data: { cents: context.cents } };
    }),
    tell: effect('notify', ({ context }) => ({ to: context.from })),
  },
  delays: { long: 5000, byContext: ({ context }) => context.cents },
});

const machine = parts.createMachine({
  id: 'm',
  context: ({ input }) => ({ ...input, why: '' }),
  initial: 'debiting',
  states: {
    debiting: {
      entry: [
        'debit',
        effect('notify', ({ context }) => ({ to: context.why })),
        command(account, 'deposit', ({ context: { from, cents } }) => ({
          id: from,
          data: { cents },
        })),
      ],
      after: { long: 'done', byContext: 'done', 500: 'done' },
      invoke: {
        src: 'notify',
        input: ({ context }) => ({ to: context.from }),
        onDone: { actions: assign({ why: ({ event }) => event.output.sentTo }) },
      },
      on: {
        'account.withdraw.accepted': {
          target: 'done',
          actions: command(account, 'deposit', ({ context, event }) => {
            expectTypeOf(event.version).toBeNumber();
            return { id: context.from, data: { cents: event.version } };
          }),
        },
        'account.withdraw.rejected': {
          target: 'done',
          actions: assign({
            why({ event }) {
              expectTypeOf(event.shortCode).toEqualTypeOf<
                'OVERDRAWN' | 'CLOSED' | 'NotFound' | 'AlreadyExists'
              >();
              if (event.shortCode !== 'OVERDRAWN') return event.message;
              expectTypeOf(event.details).toEqualTypeOf<{ balance: number }>();
              return String(event.details.balance);
            },
          }),
        },
        'account.withdraw.failed': {
          actions: assign({
            why({ event }) {
              expectTypeOf(event.error).toEqualTypeOf<PlainError>();
              return event.error.message;
            },
          }),
        },
        'notify.done': { actions: assign({ why: ({ event }) => event.output.sentTo }) },
        'notify.failed': { actions: assign({ why: ({ event }) => event.error.message }) },
      },
    },
    done: { type: 'final' },
  },
});

const base = { name: 'x', version: 1 } as const;
const start = { 'transfer.requested': () => ({ from: 'a', cents: 1 }) };

test('one literal is enough', () => {
  const saga = defineSaga({
    ...base,
    machine,
    on: [transfer, only(account, 'closed')],
    correlate(event) {
      expectTypeOf(event.type).toEqualTypeOf<'requested' | 'confirmed' | 'closed'>();
      expectTypeOf(event.aggregate).toEqualTypeOf<'account' | 'transfer'>();
      return event.id;
    },
    starts: {
      'transfer.requested': (event) => {
        expectTypeOf(event.data).toEqualTypeOf<{ from: string; to: string; cents: number }>();
        return { from: event.data.from, cents: event.data.cents };
      },
    },
    toMachine(event) {
      if (event.type !== 'confirmed') return undefined;
      expectTypeOf(event.aggregate).toEqualTypeOf<'transfer'>();
      return { type: 'confirmed', by: event.id };
    },
    cancel: { type: 'confirmed', by: 'nobody' },
  });
  type Types = NonNullable<(typeof saga)['types']>;
  expectTypeOf<Types['event']['type']>().toEqualTypeOf<Event['type']>();
  expectTypeOf<Types['context']>().toEqualTypeOf<Context>();
  const any: Saga = saga;
  void any;

  givenSaga(saga, [{ type: 'requested', data: { from: 'a', to: 'b', cents: 1 } }])
    .when({ outcome: 'account.withdraw.rejected', shortCode: 'OVERDRAWN', details: { balance: 1 } })
    .when({ outcome: 'account.withdraw.rejected', shortCode: 'CLOSED' })
    .when({ after: 5 })
    .when({ type: 'closed', data: {} })
    .when({ send: { type: 'confirmed', by: 'me' } })
    .thenHas({ context: { from: 'a', cents: 1, why: '' } })
    // @ts-expect-error: no such outcome
    .when({ outcome: 'account.close.accepted' })
    // @ts-expect-error: no such field of the context
    .thenHas({ context: { from: 'a', cents: 1, why: '', more: 1 } });
});

test('what does not fit is an error where it stands', () => {
  defineSaga({
    ...{ ...base, machine, on: [transfer] as const },
    correlate: (event) => event.id,
    starts: start,
    // @ts-expect-error: no such event of the machine
    toMachine: () => ({ type: 'gone' }),
  });
  defineSaga({
    ...{ ...base, machine, on: [transfer] as const },
    correlate: (event) => event.id,
    starts: start,
    // @ts-expect-error: a field of the machine's event is of another type
    toMachine: () => ({ type: 'confirmed', by: 5 }),
  });
  defineSaga({
    ...{ ...base, machine, on: [transfer] as const },
    correlate: (event) => event.id,
    // @ts-expect-error: no input of the machine
    starts: { 'transfer.requested': () => ({ from: 'a' }) },
  });
  defineSaga({
    ...{ ...base, machine, on: [transfer] as const },
    correlate: (event) => event.id,
    // @ts-expect-error: nobody listens to that
    starts: { 'account.opened': () => ({ from: 'a', cents: 1 }) },
  });
  defineSaga({
    ...{ ...base, machine, on: [transfer] as const, starts: start },
    // @ts-expect-error: an id is a string
    correlate: (event) => event.position,
  });
});

test('commands and effects are those that are declared', () => {
  // @ts-expect-error: no such command
  command(account, 'withdrew', () => ({ id: 'a', data: { cents: 1 } }));
  // @ts-expect-error: not the command's data
  command(account, 'withdraw', () => ({ id: 'a', data: { cents: 'x' } }));
  // @ts-expect-error: no such command
  expectTypeOf<CommandOutcome<typeof account, 'nope'>>().toBeNever();
  setup({
    types: {} as { context: Context },
    actors: { notify },
    actions: {
      // @ts-expect-error: no such service
      a: effect('mail', () => ({ to: 'a' })),
      // @ts-expect-error: not the service's input
      b: effect('notify', () => ({ to: 5 })),
      // @ts-expect-error: no such field of the context
      c: effect('notify', ({ context }) => ({ to: context.whom })),
    },
  });
});
