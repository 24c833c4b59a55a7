import { defineAggregate, defineView, only, upsert, type View, type ViewClient } from 'troupe';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { purse } from './purse.js';

const transfer = defineAggregate({
  name: 'transfer',
  commands: { book: upsert(z.object({ from: z.string(), to: z.string() })) },
  events: {
    booked: z.object({ from: z.string(), to: z.string() }),
    undone: z.object({ why: z.string() }),
  },
  initialState: {},
  decide: { book: (_state, data, { event }) => [event.booked(data)] },
  evolve: { booked() {}, undone() {} },
});

const base = { name: 'totals', version: 1 } as const;

test('key and evolve know the events of all aggregates without annotations', () => {
  const totals = defineView({
    ...base,
    on: [purse, transfer],
    key(event) {
      expectTypeOf(event.aggregate).toEqualTypeOf<'purse' | 'transfer'>();
      expectTypeOf(event.type).toEqualTypeOf<
        'opened' | 'changed' | 'stamped' | 'booked' | 'undone'
      >();
      expectTypeOf(event.position).toBeNumber();
      expectTypeOf(event.occurredAt).toEqualTypeOf<Date>();
      if (event.type === 'booked') return [event.data.from, event.data.to];
      return event.id;
    },
    initial: { owner: '', cents: 0, at: null as string | null },
    columns: {
      owner: 'text',
      cents: 'bigint',
      at: 'timestamptz',
      rich: { type: 'boolean', value: (doc) => doc.cents > 100 },
    },
    evolve(doc, event, key) {
      expectTypeOf(doc).toEqualTypeOf<{ owner: string; cents: number; at: string | null }>();
      expectTypeOf(key).toBeString();
      if (event.aggregate === 'transfer') {
        expectTypeOf(event.type).toEqualTypeOf<'booked' | 'undone'>();
        return null;
      }
      switch (event.type) {
        case 'opened':
          expectTypeOf(event.data).toEqualTypeOf<{ owner: string }>();
          return { ...doc, owner: event.data.owner };
        case 'changed':
          return { ...doc, cents: doc.cents + event.data.by };
        case 'stamped':
          expectTypeOf(event.data).toEqualTypeOf<{ at: number }>();
          return doc;
      }
    },
  });
  type Types = NonNullable<(typeof totals)['types']>;
  expectTypeOf<Types['document']>().toEqualTypeOf<{
    owner: string;
    cents: number;
    at: string | null;
  }>();
  expectTypeOf<Types['columns']['rich']>().toEqualTypeOf<'boolean'>();
  const any: View = totals;
  void any;

  const client = {} as ViewClient<Types>;
  void (async () => {
    expectTypeOf((await client.get('a'))?.cents).toEqualTypeOf<number | undefined>();
    void client.find({
      where: { owner: 'mia', cents: { gte: 5 }, rich: true, key: { prefix: 'a' } },
    });
    void client.find({ where: { at: new Date() }, orderBy: { cents: 'desc', key: 'asc' } });
    void client.count({ owner: { in: ['a', 'b'] } });
    // @ts-expect-error: no such column
    void client.find({ where: { colour: 'red' } });
    // @ts-expect-error: no such operator
    void client.find({ where: { cents: { above: 5 } } });
    // @ts-expect-error: wrong type
    void client.find({ where: { cents: { gte: 'five' } } });
    // @ts-expect-error: only texts have a beginning
    void client.find({ where: { cents: { prefix: '5' } } });
    // @ts-expect-error: no such column
    void client.find({ orderBy: { colour: 'asc' } });
    // @ts-expect-error: no such direction
    void client.find({ orderBy: { cents: 'down' } });
  });
});

test('only narrows to the events that are named', () => {
  defineView({
    ...base,
    on: [only(purse, 'opened'), transfer],
    key: (event) => event.id,
    initial: { seen: 0 },
    evolve(doc, event) {
      expectTypeOf(event.type).toEqualTypeOf<'opened' | 'booked' | 'undone'>();
      return { seen: doc.seen + 1 };
    },
  });
  // @ts-expect-error: no such event
  only(purse, 'burnt');
});

test('what no event is called is an error, and so is an event that is forgotten', () => {
  defineView({
    ...base,
    on: [purse],
    key: (event) => event.id,
    initial: { seen: 0 },
    evolve(doc, event) {
      switch (event.type) {
        // @ts-expect-error: no such event
        case 'burnt':
          return doc;
        default:
          return doc;
      }
    },
  });
  defineView({
    ...base,
    on: [purse],
    key: (event) => event.id,
    initial: { seen: 0 },
    // @ts-expect-error: stamped is not there
    evolve(doc, event) {
      switch (event.type) {
        case 'opened':
        case 'changed':
          return doc;
      }
    },
  });
});

test('a document is what the initial one is', () => {
  defineView({
    ...base,
    on: [purse],
    key: (event) => event.id,
    initial: { seen: 0 },
    // @ts-expect-error: another document
    evolve: () => ({ seen: 'often' }),
  });
});

test('columns fit the document', () => {
  const rest = {
    ...base,
    on: [purse] as const,
    key: () => 'all',
    initial: { seen: 0, who: [] as string[] },
  };
  defineView({ ...rest, columns: { seen: 'integer' }, evolve: (doc) => doc });
  // @ts-expect-error: the document has no such property
  defineView({ ...rest, columns: { when: 'date' }, evolve: (doc) => doc });
  // @ts-expect-error: it is of another type
  defineView({ ...rest, columns: { who: 'text' }, evolve: (doc) => doc });
  // @ts-expect-error: no such type
  defineView({ ...rest, columns: { seen: 'int' }, evolve: (doc) => doc });
  const value = (doc: { seen: number }): number => doc.seen;
  // @ts-expect-error: the value is of another type
  defineView({ ...rest, columns: { n: { type: 'text', value } }, evolve: (doc) => doc });
});

test('a returned document needs no annotations, whatever literals it holds', () => {
  interface Door {
    readonly is: 'open' | 'shut';
    readonly past: readonly { is: 'open' | 'shut' }[];
  }
  const initial: Door = { is: 'open', past: [] };
  defineView({
    ...base,
    on: [purse],
    key: (event) => event.id,
    initial,
    columns: { is: 'text' },
    evolve(doc, event) {
      if (event.type === 'stamped') return null;
      if (event.type === 'opened') return { ...doc, is: 'open', past: [{ is: 'shut' }] };
      return { is: event.data.by > 0 ? 'open' : 'shut', past: [] };
    },
  });
});
