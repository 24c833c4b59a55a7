import { create, defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const due = z.object({ key: z.string(), at: z.number() });

/** A note that reminds of itself: with timers, with and without events. */
export const note = defineAggregate({
  name: 'note',
  timers: true,
  commands: {
    write: create(z.object({ text: z.string(), remindAt: z.number().optional() })),
    remind: upsert(due),
    repeat: z.object({ at: z.number(), everyMs: z.number(), times: z.number() }),
    forget: z.object({ key: z.string() }),
    close: z.object({}),
    ring: upsert(z.object({ key: z.string() })),
    burn: z.object({}),
    armThenReject: due,
    armThenFail: due,
    armDurably: due,
    armWith: z.object({ command: z.any(), at: z.any(), key: z.any() }),
  },
  events: {
    written: z.object({ text: z.string() }),
    rang: z.object({ key: z.string() }),
    closed: z.object({}),
  },
  errors: {
    CLOSED: { number: 1, status: 409, message: () => 'It is closed' },
    NO: { number: 2, status: 409, message: () => 'No' },
  },
  initialState: { rung: [] as string[], closed: false },
  decide: {
    write: (_state, { text, remindAt }, { event, schedule }) => {
      if (remindAt !== undefined)
        schedule({ key: 'a', at: remindAt, command: { type: 'ring', data: { key: 'a' } } });
      return [event.written({ text })];
    },
    remind: (_state, { key, at }, { schedule }) => {
      schedule({ key, at: new Date(at), command: { type: 'ring', data: { key } } });
      return [];
    },
    repeat: (_state, { at, everyMs, times }, { event, schedule }) => {
      const data = { at: at + everyMs, everyMs, times: times - 1 };
      if (times > 1) schedule({ key: 'again', at: data.at, command: { type: 'repeat', data } });
      return [event.rang({ key: `again ${times}` })];
    },
    forget: (_state, { key }, { unschedule }) => {
      unschedule(key);
      return [];
    },
    close: (_state, _data, { event, unschedule }) => {
      unschedule('a');
      return [event.closed({})];
    },
    ring: (state, { key }, { event, reject }) => {
      if (state.closed) reject('CLOSED');
      return [event.rang({ key })];
    },
    burn: () => {
      throw new RangeError('it burns');
    },
    armThenReject: (_state, { key, at }, context) => {
      context.schedule({ key, at, command: { type: 'ring', data: { key } } });
      return context.reject('NO');
    },
    armThenFail: (_state, { key, at }, { schedule }) => {
      schedule({ key, at, command: { type: 'ring', data: { key } } });
      throw new RangeError('after it was armed');
    },
    armDurably: {
      durable: async (_state, { key, at }, { schedule }) => {
        await Promise.resolve();
        schedule({ key, at, command: { type: 'ring', data: { key } } });
        return [];
      },
    },
    armWith: (_state, data, { schedule }) => {
      schedule(data as never);
      return [];
    },
  },
  evolve: {
    written() {},
    rang(state, { key }) {
      state.rung.push(key);
    },
    closed(state) {
      state.closed = true;
    },
  },
});

export const write = (remindAt?: number) =>
  ({ type: 'write', data: { text: 'x', ...(remindAt !== undefined && { remindAt }) } }) as const;
export const remind = (key: string, at: number) => ({ type: 'remind', data: { key, at } }) as const;
export const forget = (key: string) => ({ type: 'forget', data: { key } }) as const;
export const ring = (key: string) => ({ type: 'ring', data: { key } }) as const;
export const close = { type: 'close', data: {} } as const;
