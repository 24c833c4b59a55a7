import { defineAggregate, type NewEvent, upsert } from 'troupe';
import { z } from 'zod';

/** The first release of everything that docs/evolution.md changes. */
const anything = { change: upsert(z.object({}).loose()) };

export const account = defineAggregate({
  name: 'account',
  commands: anything,
  // before
  events: { opened: z.object({ name: z.string() }) },
  initialState: { owner: '' },
  decide: { change: (_state, data, { event }) => [event.opened(data as { name: string })] },
  evolve: { opened: (_state, { name }) => ({ owner: name }) },
});

export const invoice = defineAggregate({
  name: 'invoice',
  commands: anything,
  // before
  events: { paid: z.object({ cents: z.int(), at: z.string() }) },
  initialState: { paid: 0 },
  decide: {
    change: (_state, data, { event }) => [event.paid(data as { cents: number; at: string })],
  },
  evolve: { paid: ({ paid }, { cents }) => ({ paid: paid + cents }) },
});

export const shop = defineAggregate({
  name: 'shop',
  commands: anything,
  // before
  events: { created: z.object({ owner: z.string() }) },
  initialState: { owner: '' },
  decide: { change: (_state, data, { event }) => [event.created(data as { owner: string })] },
  evolve: { created: (_state, { owner }) => ({ owner }) },
});

const opened = z.object({ owner: z.string() });

export const page = defineAggregate({
  name: 'page',
  commands: anything,
  // before
  events: { opened, viewed: z.object({ page: z.string() }) },
  initialState: { owner: '' },
  decide: {
    change: (_state, data, { event }) => [
      event.opened(data as { owner: string }),
      event.viewed({ page: 'home' }),
    ],
  },
  evolve: { opened: (_state, data) => data, viewed: (state) => state },
});

export const person = defineAggregate({
  name: 'person',
  commands: anything,
  // before
  events: { moved: z.object({ street: z.string(), phone: z.string() }) },
  initialState: { street: '', phone: '' },
  decide: {
    change: (_state, data, { event }) => [event.moved(data as { street: string; phone: string })],
  },
  evolve: { moved: (_state, data) => data },
});

const met = z.object({ name: z.string() });
interface Context {
  readonly event: { met(data: { name: string }): NewEvent<'met'> };
}
const definition = {
  commands: { change: upsert(met) },
  events: { met },
  initialState: { name: '' },
  decide: {
    change: (_state: unknown, data: { name: string }, { event }: Context) => [event.met(data)],
  },
  evolve: { met: (_state: unknown, data: { name: string }) => data },
};

// before
export const client = defineAggregate({ name: 'client', ...definition });

const deposited = z.object({ cents: z.int() });

export const purse = defineAggregate({
  name: 'purse',
  commands: { change: upsert(deposited) },
  events: { deposited },
  snapshot: { every: 1 },
  // before
  initialState: { balance: 0 }, // stateVersion 1
  decide: { change: (_state, data, { event }) => [event.deposited(data)] },
  evolve: { deposited: ({ balance }, { cents }) => ({ balance: balance + cents }) },
});
