import { type CommandOutcome, command, type Runtime } from 'troupe';
import { assign, cancel, log, raise, setup } from 'xstate';
import { z } from 'zod';
import { upsert } from '../../../src/aggregate/command-spec.js';
import { defineAggregate } from '../../../src/aggregate/define-aggregate.js';
import type { Ask } from '../../../src/dispatcher/ask.js';
import { only } from '../../../src/dispatcher/listening.js';
import { defineSaga } from '../../../src/saga/define-saga.js';
import { collect } from '../../support/collect.js';

/** What the saga hears of. */
export const order = defineAggregate({
  name: 'order',
  commands: {
    place: upsert(z.object({ what: z.string() })),
    add: upsert(z.object({ what: z.string() })),
    stop: upsert(z.object({})),
  },
  events: {
    placed: z.object({ what: z.string() }),
    added: z.object({ what: z.string() }),
    stopped: z.object({}),
  },
  initialState: {},
  decide: {
    place: (_state, data, { event }) => [event.placed(data)],
    add: (_state, data, { event }) => [event.added(data)],
    stop: (_state, _data, { event }) => [event.stopped({})],
  },
  evolve: { placed() {}, added() {}, stopped() {} },
});

/** What it sends commands to. */
export const stock = defineAggregate({
  name: 'stock',
  prefix: { code: 'STOCK', number: 1 },
  commands: { take: upsert(z.object({ what: z.string() })) },
  events: { taken: z.object({ what: z.string() }) },
  errors: { GONE: { number: 1, message: 'There is none left' } },
  initialState: {},
  decide: {
    take(_state, data, context) {
      if (data.what === 'gone') return context.reject('GONE');
      if (data.what === 'bug') throw new Error('a bug');
      return [context.event.taken(data)];
    },
  },
  evolve: { taken() {} },
});

const DAY = 24 * 60 * 60 * 1000;

export const machine = setup({
  types: {} as {
    context: { what: string; added: string[]; days: number };
    input: { what: string };
    events:
      | { type: 'add'; what: string }
      | { type: 'stop' }
      | { type: 'day' }
      | { type: 'undo' }
      | CommandOutcome<typeof stock, 'take'>;
  },
  actions: {
    take: command(stock, 'take', ({ context }) => ({ id: 's', data: { what: context.what } })),
    takeAdded: command(stock, 'take', ({ event }) => ({
      id: 's',
      data: { what: event.type === 'add' ? event.what : '' },
    })),
    putBack: command(stock, 'take', ({ context }) => ({
      id: 's',
      data: { what: `back ${context.what}` },
    })),
  },
}).createMachine({
  id: 'shop',
  context: ({ input }) => ({ what: input.what, added: [], days: 0 }),
  initial: 'open',
  states: {
    open: {
      entry: ['take', raise({ type: 'day' }, { delay: DAY, id: 'day' })],
      on: {
        add: {
          actions: [
            'takeAdded',
            assign({ added: ({ context, event }) => [...context.added, event.what] }),
            log(({ event }) => event.what, 'added'),
          ],
        },
        day: {
          actions: [
            assign({ days: ({ context }) => context.days + 1 }),
            raise({ type: 'day' }, { delay: DAY, id: 'day' }),
          ],
        },
        stop: { target: 'stopped', actions: cancel('day') },
        undo: 'undoing',
        'stock.take.rejected': 'refused',
        'stock.take.failed': 'broken',
      },
    },
    stopped: {},
    undoing: { entry: 'putBack', on: { 'stock.take.accepted': 'undone' } },
    refused: { type: 'final' },
    broken: { type: 'final' },
    undone: { type: 'final' },
  },
});

/** A saga of orders; with the machine of a test, or in event time. */
export function shopOf(options: object = {}) {
  return defineSaga({
    name: 'shop',
    version: 1,
    machine,
    on: [only(order, 'placed', 'added', 'stopped')],
    correlate: (event) => event.id,
    starts: { 'order.placed': (event) => event.data },
    toMachine(event) {
      if (event.type === 'added') return { type: 'add', what: event.data.what };
      return event.type === 'stopped' ? { type: 'stop' } : undefined;
    },
    cancel: { type: 'undo' },
    ...(options as object),
  });
}

/** How the runtime itself sends commands to instances. */
export function askOf(runtime: Runtime): Ask {
  return (runtime as unknown as { parts: { sagas: { parts: { ask: Ask } } } }).parts.sagas.parts
    .ask;
}

/** The saga of most tests. */
export const shop = shopOf();

/** Starts an instance; resolves when its first command is answered. */
export async function placed(runtime: Runtime, id = 'o', what = 'book') {
  await runtime.aggregate(order).send(id, { type: 'place', data: { what } });
  return runtime.saga(shop).waitFor(id, ({ commands }) => Object.keys(commands).length === 0);
}

/** What was taken from stock, in order. */
export async function taken(runtime: Runtime): Promise<string[]> {
  const events = await collect(runtime.aggregate(stock).events('s'));
  return events.map(({ data }) => (data as { what: string }).what);
}
