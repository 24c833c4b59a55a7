import { defineAggregate, upsert } from 'troupe';
import { test } from 'vitest';
import { z } from 'zod';

const base = {
  name: 'thing',
  commands: { go: upsert(z.object({ n: z.number() })), stop: z.object({}) },
  events: { gone: z.object({ n: z.number() }) },
  initialState: { n: 0 },
  evolve: { gone: (state: { n: number }) => state },
};

test('timers are there for an aggregate that declares them, for its own commands', () => {
  defineAggregate({
    ...base,
    timers: true,
    decide: {
      go(_state, { n }, { event, schedule, unschedule, now }) {
        schedule({ key: 'a', at: now, command: { type: 'go', data: { n } } });
        schedule({ key: 'b', at: 5, command: { type: 'stop', data: {} } });
        // @ts-expect-error: no such command
        schedule({ key: 'c', at: 5, command: { type: 'fly', data: {} } });
        // @ts-expect-error: the data of another command
        schedule({ key: 'c', at: 5, command: { type: 'go', data: {} } });
        // @ts-expect-error: not a time
        schedule({ key: 'c', at: 'noon', command: { type: 'stop', data: {} } });
        // @ts-expect-error: no key
        unschedule();
        return [event.gone({ n })];
      },
      stop: {
        durable: async (_state, _data, context) => {
          context.unschedule('a');
          return [];
        },
      },
    },
  });
});

test('timers are not there for others', () => {
  defineAggregate({
    ...base,
    decide: {
      // @ts-expect-error: not declared
      go: (_state, _data, { schedule }) => schedule([]),
      stop: () => [],
    },
  });
  defineAggregate({
    ...base,
    timers: false,
    decide: {
      // @ts-expect-error: not declared
      go: (_state, _data, { unschedule }) => unschedule([]),
      stop: () => [],
    },
  });
});
