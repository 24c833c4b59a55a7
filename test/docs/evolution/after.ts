import {
  type CloudEvent,
  defineAggregate,
  drop,
  event,
  type Runtime,
  split,
  toCloudEvent,
  upsert,
} from 'troupe';
import { z } from 'zod';

/** Today's release of everything that docs/evolution.md changes. */
const nothing = { look: upsert(z.object({})) };
const look = { look: () => [] };

export const account = defineAggregate({
  name: 'account',
  namespace: 'https://example.org/bank',
  commands: nothing,
  // after: two changes later
  events: {
    opened: event({
      schema: z.object({ owner: z.string(), currency: z.string() }),
      version: 3,
      upcast: {
        1: (data: { name: string }) => ({ owner: data.name }),
        2: (data: { owner: string }) => ({ ...data, currency: 'EUR' }),
      },
    }),
  },
  initialState: { owner: '', currency: '' },
  decide: look,
  evolve: { opened: (_state, data) => data },
});

export async function publishAll(
  runtime: Runtime,
  id: string,
  publish: (event: CloudEvent) => void,
): Promise<void> {
  for await (const event of runtime.aggregate(account).events(id))
    publish(toCloudEvent(event, account));
}

export const invoice = defineAggregate({
  name: 'invoice',
  commands: nothing,
  // after
  events: {
    paid: event({
      schema: z.object({ cents: z.bigint(), at: z.date() }),
      encode: ({ cents, at }) => ({ cents: String(cents), at: at.toISOString() }),
      decode: (stored) => ({ cents: BigInt(stored.cents), at: new Date(stored.at) }),
    }),
  },
  initialState: { paid: '0', in: 0 },
  decide: look,
  evolve: {
    paid: (state, { cents, at }) => ({
      paid: String(BigInt(state.paid) + cents),
      in: at.getUTCFullYear(),
    }),
  },
});

export const shop = defineAggregate({
  name: 'shop',
  commands: nothing,
  // after
  events: { opened: event({ schema: z.object({ owner: z.string() }), formerly: ['created'] }) },
  initialState: { owner: '' },
  decide: look,
  evolve: { opened: (_state, data) => data },
});

const opened = z.object({ owner: z.string() });

export const page = defineAggregate({
  name: 'page',
  commands: nothing,
  // after
  events: { opened },
  retired: { viewed: drop },
  initialState: { owner: '' },
  decide: look,
  evolve: { opened: (_state, data) => data },
});

export const person = defineAggregate({
  name: 'person',
  commands: nothing,
  // after
  events: {
    addressChanged: z.object({ street: z.string() }),
    phoneChanged: z.object({ phone: z.string() }),
  },
  retired: {
    moved: split((data: { street: string; phone: string }) => [
      { type: 'addressChanged', data: { street: data.street } },
      { type: 'phoneChanged', data: { phone: data.phone } },
    ]),
  },
  initialState: { street: '', phone: '' },
  decide: look,
  evolve: {
    addressChanged: (state, data) => ({ ...state, ...data }),
    phoneChanged: (state, data) => ({ ...state, ...data }),
  },
});

const met = z.object({ name: z.string() });
const definition = {
  commands: nothing,
  events: { met },
  initialState: { name: '' },
  decide: look,
  evolve: { met: (_state: { name: string }, data: { name: string }) => data },
};

// after
export const customer = defineAggregate({ name: 'customer', storedAs: 'client', ...definition });

const deposited = z.object({ cents: z.int() });

export const purse = defineAggregate({
  name: 'purse',
  commands: nothing,
  events: { deposited },
  // after: evolve gives another result for the same events
  initialState: { balance: 0, deposits: 0 },
  stateVersion: 2,
  decide: look,
  evolve: {
    deposited: ({ balance, deposits }, { cents }) => ({
      balance: balance + cents,
      deposits: deposits + 1,
    }),
  },
});
