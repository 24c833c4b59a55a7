// A saga that the process survives nowhere: it ends where CRASH_AT says, once.
import { appendFileSync } from 'node:fs';
import { command, defineAggregate, defineSaga, only, service, upsert } from 'troupe';
import { assign, setup } from 'xstate';
import { z } from 'zod';

const { CRASH_AT, CHARGES } = process.env;

/**
 * Ends the process, without a word, at a point of a step.
 *
 * @param {string} point
 */
function crash(point) {
  if (CRASH_AT === point) process.kill(process.pid, 'SIGKILL');
}

export const order = defineAggregate({
  name: 'order',
  commands: { place: upsert(z.object({})) },
  events: { placed: z.object({}) },
  initialState: {},
  decide: { place: (_state, data, { event }) => [event.placed(data)] },
  evolve: { placed() {} },
});

export const job = defineAggregate({
  name: 'job',
  commands: { do: upsert(z.object({ what: z.string() })) },
  events: { done: z.object({ what: z.string() }) },
  initialState: {},
  decide: {
    do(_state, data, { event }) {
      crash(`command ${data.what}`);
      return [event.done(data)];
    },
  },
  evolve: { done() {} },
});

/** @typedef {{ order: string }} Order */

const machine = setup({
  types: /** @type {{ context: Order, input: Order }} */ ({}),
  actors: {
    charge: service(async (/** @type {Order} */ { order: id }, { key }) => {
      if (CHARGES) appendFileSync(CHARGES, `${id} ${key}\n`);
      crash('effect');
      return { charged: id };
    }),
  },
  actions: {
    first: command(job, 'do', ({ context }) => ({ id: context.order, data: { what: 'first' } })),
    second: command(job, 'do', ({ context }) => ({ id: context.order, data: { what: 'second' } })),
    crash: assign((_, /** @type {{ at: string }} */ { at }) => {
      crash(at);
      return {};
    }),
  },
}).createMachine({
  id: 'process',
  context({ input }) {
    crash('step');
    return input;
  },
  initial: 'asking',
  states: {
    asking: {
      entry: 'first',
      on: {
        'job.do.accepted': {
          target: 'charging',
          actions: { type: 'crash', params: { at: 'outcome' } },
        },
      },
    },
    charging: {
      invoke: {
        id: 'charge',
        src: 'charge',
        input: ({ context }) => context,
        onDone: { target: 'resting', actions: { type: 'crash', params: { at: 'result' } } },
      },
    },
    resting: {
      after: {
        150: { target: 'finishing', actions: { type: 'crash', params: { at: 'timer' } } },
      },
    },
    finishing: { entry: 'second', on: { 'job.do.accepted': 'done' } },
    done: { type: 'final' },
  },
});

export const processing = defineSaga({
  name: 'processing',
  version: 1,
  machine,
  on: [only(order, 'placed')],
  correlate: (event) => event.id,
  starts: { 'order.placed': (event) => ({ order: event.id }) },
});
