import {
  defineHandler,
  defineProjection,
  definePublication,
  defineView,
  MemoryPublisher,
  only,
} from 'troupe';
import { describe, expect, it } from 'vitest';
import { readDomain } from '../../src/aggregate/domain.js';
import { CONSUMER, isConsumerSource } from '../../src/dispatcher/subscription.js';
import { memoryViews } from '../../src/store/memory-view-tables.js';
import { purse, totals, transfer } from './support/ledger.js';

const base = { name: 'all', version: 1, on: [purse] } as const;
const view = { ...base, key: () => 'x', initial: {}, evolve: (doc: object) => doc };
const handle = async (): Promise<void> => undefined;

describe('what reads the log', () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      'name',
      () => defineView({ ...view, name: 'Not_a_name' }),
      /a view: name: expected small letters.*"Not_a_name"/,
    ],
    ['name that SQL would notice', () => defineView({ ...view, name: 'a"; DROP' }), /a view: name/],
    [
      'version',
      () => defineView({ ...view, version: 0 }),
      /view all: version: expected a whole number from 1, got 0/,
    ],
    [
      'source',
      () => defineView({ ...view, on: [] }),
      /view all: on: expected a list of aggregates/,
    ],
    [
      'source twice',
      () => defineView({ ...view, on: [purse, only(purse, 'put')] }),
      /on\[1\]: expected each aggregate once, got purse/,
    ],
    [
      'event',
      () => defineView({ ...view, on: [only(purse, 'burnt' as 'put')] }),
      /events of purse: one of opened, put, closed, got burnt/,
    ],
    [
      'initial document',
      () => defineView({ ...view, initial: { at: new Date() } as object }),
      /initial\.at: expected plain JSON/,
    ],
    [
      'column name',
      () => defineView({ ...view, columns: { 'a"b': 'text' } as never }),
      /columns\.a"b: expected a name of letters/,
    ],
    [
      'reserved column',
      () => defineView({ ...view, columns: { key: 'text' } as never }),
      /columns\.key/,
    ],
    [
      'column type',
      () => defineView({ ...view, columns: { n: 'int' } as never }),
      /columns\.n: expected a type: text, integer/,
    ],
    [
      'evolve',
      () => defineView({ ...view, evolve: undefined as never }),
      /evolve: expected a function/,
    ],
    [
      'pair of handles',
      () => defineProjection({ ...base, setup: handle, handle, handleBatch: handle }),
      /handle: expected a function, or handleBatch, and not both/,
    ],
    [
      'start',
      () => defineHandler({ ...base, handle, from: 'yesterday' as 'now' }),
      /from: expected 'beginning', 'now' or a position/,
    ],
    [
      'publisher',
      () => definePublication({ ...base, to: new MemoryPublisher() as never }),
      /to: expected a function/,
    ],
  ])('refuses a wrong %s', (_, define, message) => {
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code: 'InvalidDefinition' }));
  });

  it('is registered by the domain under its name, and becomes a consumer', () => {
    const { readers } = readDomain({ purse, transfer, totals, again: totals }, 'the test');
    expect([...readers.keys()]).toEqual(['purse-totals']);
    const source = readers.get('purse-totals');
    expect(isConsumerSource(source)).toBe(true);
    if (!isConsumerSource(source)) return;
    const consumer = source[CONSUMER]({ schema: 's', views: memoryViews().tables } as never);
    expect(consumer).toMatchObject({
      ...{ name: 'purse-totals', version: 1, from: 'beginning' },
      filter: { aggregates: ['payment', 'purse'], types: {} },
    });
  });

  it('has another fingerprint with other columns and other events, and the same in another order', () => {
    const print = (columns: object, on: readonly unknown[] = [purse]): string => {
      const one = defineView({ ...view, on: on as typeof view.on, columns: columns as never });
      return one[CONSUMER]({ schema: 's' } as never).fingerprint;
    };
    const n = { type: 'integer', value: () => 1 };
    expect(print({ n })).not.toBe(print({}));
    expect(print({}, [only(purse, 'put')])).not.toBe(print({}));
    expect(print({}, [only(purse, 'put', 'opened')])).toBe(
      print({}, [only(purse, 'opened', 'put')]),
    );
    expect(print({}, [transfer, purse])).toBe(print({}, [purse, transfer]));
  });

  it('begins where it is told to, or where its kind usually does', () => {
    const to = () => new MemoryPublisher();
    const kinds = {
      handler: (from: object) => defineHandler({ ...base, handle, ...from }),
      publication: (from: object) => definePublication({ ...base, to, ...from }),
    };
    const begin = (kind: keyof typeof kinds, from: object) =>
      kinds[kind](from)[CONSUMER]({} as never).from;
    for (const from of ['beginning', 'now', 7])
      expect([begin('handler', { from }), begin('publication', { from })]).toEqual([from, from]);
    expect([begin('handler', {}), begin('publication', {})]).toEqual(['now', 'beginning']);
  });

  it('has a name of its own, and its aggregates are exported too', () => {
    const other = defineHandler({ ...base, name: 'purse-totals', handle });
    expect(() => readDomain({ purse, transfer, totals, other }, 'the test')).toThrow(
      'the test exports a view and a handler named purse-totals',
    );
    expect(() => readDomain({ purse, totals }, 'the test')).toThrow(
      'view purse-totals listens to transfer, which is not exported',
    );
  });
});
