import { type CommandOutcome, command, defineAggregate, defineSaga, only, upsert } from 'troupe';
import { setup } from 'xstate';
import { z } from 'zod';

/** What sagas hear of. */
export const order = defineAggregate({
  name: 'order',
  commands: {
    place: upsert(z.object({ dueAt: z.number() })),
    remind: upsert(z.object({ inMs: z.number() })),
  },
  events: {
    placed: z.object({ dueAt: z.number() }),
    reminded: z.object({ inMs: z.number() }),
  },
  initialState: { events: 0 },
  decide: {
    place: (_state, data, { event }) => [event.placed(data)],
    remind: (_state, data, { event }) => [event.reminded(data)],
  },
  evolve: {
    placed(state) {
      state.events += 1;
    },
    reminded(state) {
      state.events += 1;
    },
  },
});

/** What sagas send commands to. */
export const job = defineAggregate({
  name: 'job',
  commands: { do: upsert(z.object({ order: z.string() })) },
  events: { done: z.object({ order: z.string() }) },
  initialState: { done: 0 },
  decide: { do: (_state, data, { event }) => [event.done(data)] },
  evolve: {
    done(state) {
      state.done += 1;
    },
  },
});

const worker = setup({
  types: {} as {
    context: { order: string };
    input: { order: string };
    events: CommandOutcome<typeof job, 'do'>;
  },
  actions: {
    doIt: command(job, 'do', ({ context: { order: id } }) => ({ id, data: { order: id } })),
  },
}).createMachine({
  id: 'work',
  context: ({ input }) => input,
  initial: 'doing',
  states: {
    doing: { entry: 'doIt', on: { 'job.do.accepted': 'done', 'job.do.*': 'refused' } },
    done: { type: 'final' },
    refused: { type: 'final' },
  },
});

/** An event in, a command out, its outcome back. */
export const work = defineSaga({
  name: 'work',
  version: 1,
  machine: worker,
  on: [only(order, 'placed')],
  correlate: (event) => event.id,
  starts: { 'order.placed': (event) => ({ order: event.id }) },
});

const waiter = setup({
  types: {} as { context: { inMs: number }; input: { inMs: number } },
  delays: { patience: ({ context }) => context.inMs },
}).createMachine({
  id: 'wait',
  context: ({ input }) => input,
  initial: 'waiting',
  states: { waiting: { after: { patience: 'over' } }, over: { type: 'final' } },
});

/** A timer each. */
export const wait = defineSaga({
  name: 'wait',
  version: 1,
  machine: waiter,
  on: [only(order, 'reminded')],
  correlate: (event) => event.id,
  starts: { 'order.reminded': (event) => event.data },
});
