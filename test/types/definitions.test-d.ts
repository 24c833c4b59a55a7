import { defineAggregate, upsert } from 'troupe';
import { test } from 'vitest';
import { z } from 'zod';

/** What is right in all definitions below, so that each has one mistake. */
const base = {
  name: 'thing',
  commands: { go: upsert(z.object({ n: z.number() })) },
  events: { gone: z.object({ n: z.number() }), stopped: z.object({}) },
  errors: {
    BAD: { number: 1, details: z.object({ why: z.string() }), message: 'Bad' },
    WORSE: { number: 2, message: 'Worse' },
  },
  initialState: { n: 0 },
};
const evolve = {
  gone: (state: { n: number }) => state,
  stopped: (state: { n: number }) => state,
};

test('a command without a decider does not compile', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: go is missing
    decide: {},
    evolve,
  });
});

test('an event without an evolver does not compile', () => {
  defineAggregate({
    ...base,
    decide: { go: () => [] },
    // @ts-expect-error: stopped is missing
    evolve: { gone: evolve.gone },
  });
});

test('an undeclared event does not compile', () => {
  defineAggregate({
    ...base,
    decide: {
      go: (_state, _data, { event }) => [
        // @ts-expect-error: no such event
        event.exploded({}),
      ],
    },
    evolve,
  });
});

test('a payload that does not fit does not compile, nor one with more than fits', () => {
  defineAggregate({
    ...base,
    decide: {
      go(_state, _data, { event }) {
        // @ts-expect-error: wrong type
        event.gone({ n: '1' });
        // @ts-expect-error: missing
        event.gone({});
        // @ts-expect-error: excess
        event.gone({ n: 1, m: 2 });
        return [event.gone({ n: 1 })];
      },
    },
    evolve,
  });
});

test('an event that was not made by a constructor does not compile', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: made by hand, so its payload was never checked
    decide: { go: () => [{ type: 'gone', data: { n: 1, excess: true } }] },
    evolve,
  });
});

test('a decider returns an array of events, whatever it decides', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: one event is not an array
    decide: { go: (_state, { n }, { event }) => event.gone({ n }) },
    evolve,
  });
  defineAggregate({
    ...base,
    // @ts-expect-error: nothing is not an array
    decide: { go: () => undefined },
    evolve,
  });
  defineAggregate({
    ...base,
    // @ts-expect-error: an async decider is declared as durable
    decide: { go: async () => [] },
    evolve,
  });
});

test('an undeclared error does not compile, nor do details that do not fit', () => {
  defineAggregate({
    ...base,
    decide: {
      go(_state, _data, context) {
        // @ts-expect-error: no such error
        if (context.version === 1) context.reject('UGLY');
        // @ts-expect-error: details are missing
        if (context.version === 2) context.reject('BAD');
        // @ts-expect-error: wrong details
        if (context.version === 3) context.reject('BAD', { why: 1 });
        // @ts-expect-error: it has no details
        if (context.version === 4) context.reject('WORSE', { why: 'x' });
        if (context.version === 5) context.reject('WORSE');
        return context.reject('BAD', { why: 'x' });
      },
    },
    evolve,
  });
});

test('an evolver that returns another state does not compile', () => {
  defineAggregate({
    ...base,
    decide: { go: () => [] },
    // @ts-expect-error: n is a number
    evolve: { ...evolve, gone: () => ({ n: 'one' }) },
  });
  defineAggregate({
    ...base,
    decide: { go: () => [] },
    // @ts-expect-error: evolve is not async
    evolve: { ...evolve, gone: async (state: { n: number }) => state },
  });
});

test('a decider or evolver for something undeclared does not compile', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: there is no command stay
    decide: { go: () => [], stay: () => [] },
    evolve,
  });
  defineAggregate({
    ...base,
    decide: { go: () => [] },
    // @ts-expect-error: there is no event stayed
    evolve: { ...evolve, stayed: (state: { n: number }) => state },
  });
});

test('an error without number or message does not compile', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: the number is missing
    errors: { BAD: { message: 'Bad' } },
    decide: { go: () => [] },
    evolve,
  });
});

test('a command that is no schema does not compile', () => {
  defineAggregate({
    ...base,
    // @ts-expect-error: no Standard Schema
    commands: { go: { n: 'number' } },
    decide: { go: () => [] },
    evolve,
  });
});
