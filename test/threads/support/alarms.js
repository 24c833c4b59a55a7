import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const token = z.object({ token: z.string() });

/** Clocks whose timers ring: what was set and what has rung can be compared. */
export const alarm = defineAggregate({
  name: 'alarm',
  timers: true,
  commands: {
    set: upsert(z.object({ token: z.string(), inMs: z.number() })),
    unset: upsert(token),
    ring: upsert(token),
  },
  events: { rang: z.object({ token: z.string(), lateMs: z.number() }) },
  initialState: {},
  decide: {
    set(_state, { token, inMs }, { now, schedule }) {
      const at = now.getTime() + inMs;
      schedule({ key: token, at, command: { type: 'ring', data: { token } } });
      return [];
    },
    unset(_state, { token }, { unschedule }) {
      unschedule(token);
      return [];
    },
    ring: (_state, { token }, { event, now }) => [event.rang({ token, lateMs: now.getTime() })],
  },
  evolve: { rang() {} },
});
