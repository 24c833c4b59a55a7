import { defineAggregate, drop, event, upsert } from 'troupe';
import { z } from 'zod';

const copies = z.object({ copies: z.int().positive() });
const sale = z.object({ copies: z.int().positive(), cents: z.bigint() });

/** From event_sourcing.rs: copies that are left over, a typed denial, events apart from their stored shape. */
export const book = defineAggregate({
  name: 'book',
  prefix: { code: 'BOOK', number: 20 },
  commands: {
    buy: upsert(z.object({ copies: z.int().positive(), cents: z.int().positive() })),
    bringBack: upsert(copies),
  },
  events: {
    bought: event({
      schema: sale,
      version: 2,
      upcast: { 1: (data: { copies: number }) => ({ ...data, cents: '0' }) },
      encode: ({ copies, cents }) => ({ copies, cents: String(cents) }),
      decode: ({ copies, cents }) => ({ copies, cents: BigInt(cents) }),
    }),
    returned: copies,
  },
  // Deprecated: it is in old streams, and nowhere else in this module.
  retired: { viewed: drop },
  errors: {
    NOT_ENOUGH_COPIES: {
      number: 1,
      status: 409,
      details: z.object({ leftover: z.int() }),
      message: ({ leftover }: { leftover: number }) => `There are only ${leftover} copies left`,
    },
  },
  initialState: { leftover: 10, earned: '0' },
  stateVersion: 2,
  decide: {
    buy(state, { copies, cents }, { event, reject }) {
      const { leftover } = state;
      if (copies > leftover) return reject('NOT_ENOUGH_COPIES', { leftover });
      return [event.bought({ copies, cents: BigInt(cents) })];
    },
    bringBack: (_state, data, { event }) => [event.returned(data)],
  },
  evolve: {
    bought: ({ leftover, earned }, { copies, cents }) => ({
      leftover: leftover - copies,
      earned: String(BigInt(earned) + cents),
    }),
    returned: (state, { copies }) => ({ ...state, leftover: state.leftover + copies }),
  },
});
