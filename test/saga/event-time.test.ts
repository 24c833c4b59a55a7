import { create, defineAggregate, defineSaga, effect, service } from 'troupe';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { z } from 'zod';
import { startOn } from '../examples/origins/start.js';
import { collect } from '../support/collect.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const day = (number: number) => new Date(Date.UTC(2024, 0, number));
const nothing = z.object({});

const order = defineAggregate({
  name: 'order',
  commands: { place: create(nothing), ship: nothing },
  events: { placed: nothing, shipped: nothing },
  initialState: {},
  decide: {
    place: (_state, _data, { event }) => [event.placed({})],
    ship: (_state, _data, { event }) => [event.shipped({})],
  },
  evolve: { placed() {}, shipped() {} },
});

type Event = { type: 'shipped' } | { type: 'hurry' } | { type: 'ask.done'; output: unknown };

const ask = service(() => new Promise<void>((resolve) => setTimeout(resolve, 200)));

/** Ends in time if what is due before the shipping happens before it. */
const machine = setup({
  types: {} as { context: object; events: Event },
}).createMachine({
  id: 'patience',
  context: {},
  initial: 'waiting',
  states: {
    waiting: { after: { [10 * DAY_MS]: 'late' }, on: { hurry: 'hurried', shipped: 'calm' } },
    hurried: { after: { [DAY_MS]: 'reminded' }, on: { shipped: 'tooEarly' } },
    reminded: { on: { shipped: 'inTime' } },
    late: { type: 'final' },
    calm: { type: 'final' },
    tooEarly: { type: 'final' },
    inTime: { type: 'final' },
  },
});

const asking = setup({
  types: {} as { context: object; events: Event },
  actors: { ask },
}).createMachine({
  id: 'asking',
  context: {},
  initial: 'asking',
  states: {
    asking: {
      entry: effect('ask'),
      after: { [DAY_MS]: 'unanswered' },
      on: { 'ask.done': 'answered' },
    },
    unanswered: { type: 'final' },
    answered: { on: { shipped: 'shipped' } },
    shipped: { type: 'final' },
  },
});

const common = {
  version: 1,
  time: 'event',
  on: [order],
  correlate: (event: { id: string }) => event.id,
  starts: { 'order.placed': () => undefined },
  toMachine: (event: { type: string }) =>
    event.type === 'shipped' ? ({ type: 'shipped' } as const) : undefined,
} as const;
const patience = defineSaga({ ...common, name: 'patience', machine });
const questions = defineSaga({ ...common, name: 'questions', machine: asking });

describe('an instance in event time', () => {
  it('that was moved by hand gets its next event after what is due by then', async () => {
    const runtime = await startOn({ order, patience });
    const [orders, sagas] = [runtime.aggregate(order), runtime.saga(patience)];
    const { id } = await orders.create({ type: 'place', data: {} }, { occurredAt: day(1) });
    await sagas.waitFor(id, ({ value }) => value === 'waiting');
    await sagas.send(id, { type: 'hurry' });
    await orders.send(id, { type: 'ship', data: {} }, { occurredAt: day(5) });
    expect(await sagas.waitFor(id, 'done')).toMatchObject({ value: 'inTime' });
    const steps = await collect(sagas.history(id));
    expect(steps.map(({ input }) => input.kind)).toEqual(['event', 'sent', 'timer', 'event']);
    expect(steps.map(({ at }) => new Date(at))).toEqual([day(1), day(1), day(2), day(5)]);
  });

  it('waits for what an effect comes to before its next timer fires', async () => {
    const runtime = await startOn({ order, questions });
    const [orders, sagas] = [runtime.aggregate(order), runtime.saga(questions)];
    const { id } = await orders.create({ type: 'place', data: {} }, { occurredAt: day(1) });
    await orders.send(id, { type: 'ship', data: {} }, { occurredAt: day(5) });
    expect(await sagas.waitFor(id, 'done')).toMatchObject({ value: 'shipped', ignored: 0 });
  });

  it('stands still until time is let pass', async () => {
    const runtime = await startOn({ order, patience });
    const [orders, sagas] = [runtime.aggregate(order), runtime.saga(patience)];
    const { id } = await orders.create({ type: 'place', data: {} }, { occurredAt: day(1) });
    expect(await runtime.advanceTo(day(10))).toEqual({ fired: 0 });
    expect(await sagas.get(id)).toMatchObject({ value: 'waiting' });
    expect(await runtime.advanceTo(day(11))).toEqual({ fired: 1 });
    expect(await sagas.get(id)).toMatchObject({ value: 'late', status: 'done' });
  });
});
