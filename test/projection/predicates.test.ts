import {
  defineHandler,
  defineProjection,
  definePublication,
  defineView,
  MemoryPublisher,
  only,
} from 'troupe';
import { givenView } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { CONSUMER } from '../../src/dispatcher/subscription.js';
import type { ProjectionContext } from '../../src/projection/projection-context.js';
import { history, purse, transfer } from './support/ledger.js';

const events = history(
  ['a', 'opened', { owner: 'mia' }],
  ['a', 'put', { cents: 5 }],
  ['a', 'put', { cents: 500 }],
  ['t', 'booked', { from: 'a', to: 'b', cents: 400 }],
);
const noTx = { query: async () => [] };
const base = { version: 1, on: [only(purse, 'put'), transfer] } as const;
/** Much money; by the name of the aggregate in code, which is another one in the log. */
const where = (event: { aggregate: string; data: object }): boolean =>
  event.aggregate !== 'payment' && 'cents' in event.data && Number(event.data.cents) >= 100;

describe('where', () => {
  it('lets through what handlers, projections and publications are given', async () => {
    const seen: string[] = [];
    const note = (reader: string, event: { type: string; position: number }): void =>
      void seen.push(`${reader} ${event.type} ${event.position}`);
    const publisher = new MemoryPublisher();
    const handler = defineHandler({
      ...{ ...base, name: 'h', where },
      handle: (event) => note('handler', event),
    });
    const projection = defineProjection({
      ...{ ...base, name: 'p', where },
      setup: async () => undefined,
      handle: async (event) => note('projection', event),
    });
    const publication = definePublication({ ...base, name: 'o', where, to: () => publisher });
    const context = { schema: 's' } as ProjectionContext;
    for (const source of [handler, projection, publication])
      await source[CONSUMER](context).handle(events, noTx);
    expect(seen).toEqual([
      'handler put 3',
      'handler booked 4',
      'projection put 3',
      'projection booked 4',
    ]);
    expect(publisher.events.map((event) => event.type)).toEqual(['purse.put', 'transfer.booked']);
  });

  it('lets through what a view folds, after its types', () => {
    const asked: string[] = [];
    const rich = defineView({
      ...{ name: 'rich', version: 1, on: [only(purse, 'put')], key: (event) => event.id },
      where(event) {
        asked.push(event.type);
        return event.data.cents >= 100;
      },
      initial: { cents: 0 },
      evolve: (doc, event) => ({ cents: doc.cents + event.data.cents }),
    });
    givenView(rich, [
      { type: 'opened', id: 'a', data: { owner: 'mia' } },
      { type: 'put', id: 'a', data: { cents: 5 } },
      { type: 'put', id: 'a', data: { cents: 500 } },
      { type: 'put', id: 'b', data: { cents: 5 } },
    ])
      .thenKeys(['a'])
      .thenDocument('a', { cents: 500 });
    expect(new Set(asked)).toEqual(new Set(['put']));
  });

  it('is a function that answers yes or no: a promise would let all pass', async () => {
    const handle = (): void => undefined;
    expect(() => defineHandler({ ...base, name: 'h', handle, where: 'all' as never })).toThrow(
      /handler h: where: expected a function, got string/,
    );
    const handler = defineHandler({
      ...base,
      name: 'h',
      handle,
      where: (async () => false) as never,
    });
    const consumer = handler[CONSUMER]({} as ProjectionContext);
    await expect(consumer.handle(events, noTx)).rejects.toMatchObject({
      code: 'InvalidPredicate',
      message: 'where of handler h: expected true or false, got a promise',
    });
  });

  it('cannot be compared: only the version tells one from another', () => {
    const print = (version: number, cents: number): string => {
      const one = defineHandler({
        ...{ ...base, name: 'h', version, handle: () => undefined },
        where: (event) => event.type === 'put' && event.data.cents > cents,
      });
      return one[CONSUMER]({} as ProjectionContext).fingerprint;
    };
    expect(print(1, 5)).toBe(print(1, 50));
    expect(print(2, 5)).not.toBe(print(1, 5));
  });
});
