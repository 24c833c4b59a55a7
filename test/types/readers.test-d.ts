import {
  defineHandler,
  defineInlineProjection,
  defineProjection,
  defineView,
  type Handler,
  only,
  type Projection,
} from 'troupe';
import { givenHandler, givenView } from 'troupe/testing';
import { expectTypeOf, test } from 'vitest';
import { purse } from './purse.js';

const base = { name: 'readers', version: 1 } as const;

test('inline projections know the events of a batch', () => {
  defineInlineProjection({
    ...base,
    on: [only(purse, 'opened', 'changed')],
    setup: (tx) => tx.query(`CREATE TABLE ${tx.table('t')} (n int)`),
    async handle(events, tx) {
      for (const event of events) {
        expectTypeOf(event.type).toEqualTypeOf<'opened' | 'changed'>();
        if (event.type === 'changed') expectTypeOf(event.data.by).toBeNumber();
        expectTypeOf(event.position).toBeNumber();
        // @ts-expect-error: no such event
        if (event.type === 'stamped') await tx.query('SELECT 1');
      }
    },
  });
});

test('projections and handlers know their events without annotations', () => {
  const projection: Projection = defineProjection({
    ...base,
    on: [only(purse, 'opened', 'changed')],
    setup: (tx) => tx.query(`CREATE TABLE ${tx.table('t')} (n int)`),
    async handle(event, tx) {
      expectTypeOf(event.type).toEqualTypeOf<'opened' | 'changed'>();
      if (event.type === 'changed') expectTypeOf(event.data.by).toBeNumber();
      const rows = await tx.query<{ n: number }>('SELECT 1 AS n');
      expectTypeOf(rows).toEqualTypeOf<readonly { n: number }[]>();
      // @ts-expect-error: no such event
      if (event.type === 'stamped') return;
    },
  });
  defineProjection({
    ...base,
    on: [purse],
    setup: async () => undefined,
    async handleBatch(events) {
      expectTypeOf(events[0]?.type).toEqualTypeOf<'opened' | 'changed' | 'stamped' | undefined>();
    },
  });
  const handler: Handler = defineHandler({
    ...base,
    on: [purse],
    async handle(event, context) {
      expectTypeOf(event.aggregate).toEqualTypeOf<'purse'>();
      const receipt = await context.send(purse, event.id, { type: 'put', data: { cents: 5 } });
      expectTypeOf(receipt.version).toBeNumber();
      // @ts-expect-error: no such command
      await context.send(purse, event.id, { type: 'burn', data: {} });
      // @ts-expect-error: wrong data
      await context.send(purse, event.id, { type: 'put', data: { cents: '5' } });
    },
  });
  void [projection, handler];
});

test('tests give events as their constructors take them, and expect documents', () => {
  const view = defineView({
    ...base,
    on: [purse],
    key: (event) => event.id,
    initial: { n: 0 },
    evolve: (doc) => doc,
  });
  void givenView(view, [{ type: 'stamped', data: { at: 'text' }, id: 'a' }]).thenDocument('a', {
    n: 1,
  });
  // @ts-expect-error: no such event
  void givenView(view, [{ type: 'burnt', data: {} }]);
  // @ts-expect-error: wrong data
  void givenView(view, [{ type: 'opened', data: { owner: 5 } }]);
  // @ts-expect-error: another document
  void givenView(view, []).thenDocument('a', { m: 1 });
  const handler = defineHandler({ ...base, on: [purse], handle: () => undefined });
  // @ts-expect-error: no such event
  void givenHandler(handler, [{ type: 'burnt', data: {} }]);
});
