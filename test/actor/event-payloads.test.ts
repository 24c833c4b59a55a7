import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { turns } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

class Money {
  constructor(readonly cents: number) {}
}

const sparse: unknown[] = [1];
sparse[2] = 3;

/** What the decider below puts into an event, by name, and the path and reason it is refused with. */
const payloads: Record<string, { readonly value: unknown; readonly refusal?: string }> = {
  Date: {
    value: { at: new Date(0) },
    refusal: '.at cannot be stored as JSON: an instance of Date',
  },
  Map: { value: { a: [new Map()] }, refusal: '.a[0] cannot be stored as JSON: an instance of Map' },
  Set: {
    value: { a: { b: new Set() } },
    refusal: '.a.b cannot be stored as JSON: an instance of Set',
  },
  class: {
    value: { price: new Money(1) },
    refusal: '.price cannot be stored as JSON: an instance of Money',
  },
  NaN: { value: { n: [0, Number.NaN] }, refusal: '.n[1] cannot be stored as JSON: NaN' },
  Infinity: { value: { n: -Infinity }, refusal: '.n cannot be stored as JSON: -Infinity' },
  bigint: { value: { n: 1n }, refusal: '.n cannot be stored as JSON: bigint' },
  function: { value: { f: () => 1 }, refusal: '.f cannot be stored as JSON: function' },
  symbol: { value: { s: Symbol('s') }, refusal: '.s cannot be stored as JSON: symbol' },
  hole: { value: { a: sparse }, refusal: '.a[1] cannot be stored as JSON: a hole in an array' },
  'undefined in an array': {
    value: { a: [undefined] },
    refusal: '.a[0] cannot be stored as JSON: undefined',
  },
  'lone surrogate': {
    value: { s: '\ud83d' },
    refusal: '.s cannot be stored as JSON: a string with a lone surrogate',
  },
  undefined: { value: undefined, refusal: 'the value cannot be stored as JSON: undefined' },
  depth: { value: nested(65), refusal: 'too many levels of nesting' },
  size: { value: { s: 'é'.repeat(600_000) }, refusal: '1200008 bytes, more than 1048576' },
  'undefined property': { value: { a: 1, b: undefined } },
  'minus zero': { value: { n: -0 } },
  'zero byte in a string': { value: { s: 'a\0b' } },
};

const mistakes: Record<string, { readonly result: unknown; readonly message: string }> = {
  nothing: { result: undefined, message: 'decide.mistake must return an array of events' },
  'one event': {
    result: { type: 'noted', data: {} },
    message: 'decide.mistake must return an array of events',
  },
  'a promise': {
    result: Promise.resolve([]),
    message: 'decide.mistake returned a promise: declare it as { durable: async',
  },
  'an undeclared event': {
    result: [{ type: 'ghost', data: {} }],
    message: 'returned an undeclared event ghost',
  },
  'an inherited name': {
    result: [{ type: 'toString', data: {} }],
    message: 'returned an undeclared event toString',
  },
  'no event at all': { result: [null], message: "Cannot read properties of null (reading 'type')" },
  'data that does not fit': {
    result: [{ type: 'strict', data: { n: 'x' } }],
    message: 'Event strict does not fit its schema: n: ',
  },
};

const notes = defineAggregate({
  name: 'notes',
  commands: { note: upsert(z.string()), mistake: upsert(z.string()), sulk: upsert(z.object({})) },
  events: { noted: z.any(), strict: z.object({ n: z.number() }) },
  initialState: { live: [] as unknown[] },
  decide: {
    note: (_state, what, { event }) => [
      event.noted({ before: true }),
      event.noted(payloads[what]?.value),
    ],
    mistake: (_state, what) => mistakes[what]?.result as never,
    sulk: () => Promise.reject(new Error('nobody listens')) as never,
  },
  evolve: {
    noted(state, data) {
      state.live.push(data);
    },
    strict() {},
  },
});

const shards = useShards({ notes });
const names = (refused: boolean) =>
  Object.keys(payloads).filter((name) => !payloads[name]?.refusal === !refused);

describe('what a decider returns', () => {
  it.each(names(true))(
    'fails with the path when an event holds what JSON cannot: %s',
    async (what) => {
      const client = (await shards.start()).client(notes);
      const id = shards.id();
      await expect(client.send(id, { type: 'note', data: what })).rejects.toMatchObject({
        code: 'CommandFailed',
        message: expect.stringContaining(payloads[what]?.refusal ?? ''),
      });
      expect(await shards.log(id, 'notes')).toEqual([]);
      expect(await client.state(id)).toBeUndefined();
    },
  );

  it.each(names(false))('is evolved live as it will be replayed: %s', async (what) => {
    const one = await shards.start();
    const client = one.client(notes);
    const id = shards.id();
    await client.send(id, { type: 'note', data: what });
    const stored = (await shards.log(id, 'notes')).map((event) => event.data);
    const { live } = (await client.send(id, { type: 'note', data: what }, { state: true }))
      .state ?? { live: [] };
    expect(live).toEqual([...stored, ...stored]);
    expect(live.map((data) => Object.keys(data as object))).toEqual(
      [...stored, ...stored].map((data) => Object.keys(data as object)),
    );
  });

  it.each(Object.keys(mistakes))('fails the command alone when it is %s', async (what) => {
    const client = (await shards.start()).client(notes);
    const id = shards.id();
    await expect(client.send(id, { type: 'mistake', data: what })).rejects.toMatchObject({
      code: 'CommandFailed',
      message: expect.stringContaining(mistakes[what]?.message ?? ''),
    });
    expect(await shards.log(id, 'notes')).toEqual([]);
    await client.send(id, { type: 'note', data: 'minus zero' });
  });

  it('may be a promise that rejects, which nobody else would handle', async () => {
    const client = (await shards.start()).client(notes);
    const sulking = client.send(shards.id(), { type: 'sulk', data: {} });
    await expect(sulking).rejects.toMatchObject({ code: 'CommandFailed' });
    await turns(); // an unhandled rejection would fail the run
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}
