// A saga that adds up what it hears, and reports the sum whenever it was quiet for a moment.
import { command, defineAggregate, defineSaga, only, upsert } from 'troupe';
import { assign, setup } from 'xstate';
import { z } from 'zod';

export const meter = defineAggregate({
  name: 'meter',
  commands: { read: upsert(z.object({ by: z.int() })) },
  events: { read: z.object({ by: z.int() }) },
  initialState: {},
  decide: { read: (_state, data, { event }) => [event.read(data)] },
  evolve: { read() {} },
});

export const bill = defineAggregate({
  name: 'bill',
  commands: { charge: upsert(z.object({ by: z.int() })) },
  events: { charged: z.object({ by: z.int() }) },
  initialState: {},
  decide: { charge: (_state, data, { event }) => [event.charged(data)] },
  evolve: { charged() {} },
});

/**
 * @typedef {{ meter: string, open: number, charged: number }} Context
 * @typedef {{ type: 'read', by: number } | { type: 'bill.charge.accepted' }} Event
 */

const machine = setup({
  types:
    /** @type {{ context: Context, input: { meter: string, by: number }, events: Event }} */ ({}),
  actions: {
    charge: command(bill, 'charge', ({ context }) => ({
      id: context.meter,
      data: { by: context.open },
    })),
    add: assign({
      open: ({ context, event }) => context.open + (event.type === 'read' ? event.by : 0),
    }),
    settle: assign(({ context }) => ({ open: 0, charged: context.charged + context.open })),
  },
}).createMachine({
  id: 'metering',
  context: ({ input }) => ({ meter: input.meter, open: input.by, charged: 0 }),
  initial: 'quiet',
  states: {
    quiet: {
      on: { read: { actions: 'add', target: 'quiet', reenter: true } },
      after: { 40: { guard: ({ context }) => context.open > 0, target: 'charging' } },
    },
    charging: {
      entry: ['charge', 'settle'],
      on: { read: { actions: 'add' }, 'bill.charge.accepted': 'quiet' },
    },
  },
});

export const metering = defineSaga({
  name: 'metering',
  version: 1,
  machine,
  on: [only(meter, 'read')],
  correlate: (event) => event.id,
  starts: { 'meter.read': (event) => ({ meter: event.id, by: event.data.by }) },
  toMachine: (event) => ({ type: 'read', by: event.data.by }),
});
