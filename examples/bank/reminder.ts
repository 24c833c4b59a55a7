import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const DAY_MS = 24 * 60 * 60 * 1000;

export const invoice = defineAggregate({
  name: 'invoice',
  timers: true,
  commands: {
    issue: create(z.object({ cents: z.int().positive() })),
    pay: z.object({}),
    remind: z.object({ time: z.int() }),
  },
  events: {
    issued: z.object({ cents: z.int() }),
    reminded: z.object({ time: z.int() }),
    paid: z.object({}),
  },
  initialState: { isPaid: false },
  decide: {
    issue(_state, data, { event, now, schedule }) {
      const at = now.getTime() + 14 * DAY_MS;
      schedule({ key: 'reminder', at, command: { type: 'remind', data: { time: 1 } } });
      return [event.issued(data)];
    },
    remind(_state, { time }, { event, now, schedule }) {
      const at = now.getTime() + 7 * DAY_MS;
      if (time < 3)
        schedule({ key: 'reminder', at, command: { type: 'remind', data: { time: time + 1 } } });
      return [event.reminded({ time })];
    },
    pay(state, _data, { event, unschedule }) {
      unschedule('reminder');
      return state.isPaid ? [] : [event.paid({})];
    },
  },
  evolve: {
    issued() {},
    reminded() {},
    paid: () => ({ isPaid: true }),
  },
});
