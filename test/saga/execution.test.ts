import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Ask } from '../../src/dispatcher/ask.js';
import { CONSUMER, type FeedEvent } from '../../src/dispatcher/subscription.js';
import { KnownInstances } from '../../src/saga/known-instances.js';
import { sendInput } from '../../src/saga/saga-calls.js';
import { sagaRelay } from '../../src/saga/saga-relay.js';
import { sagaRouter } from '../../src/saga/saga-router.js';
import { sagaTimers } from '../../src/saga/saga-timers.js';
import { startOn, startTwo } from '../examples/origins/start.js';
import { collect } from '../support/collect.js';
import { eventually } from '../support/eventually.js';
import { askOf, order, placed, shop, shopOf, stock, taken } from './support/shop.js';

const domain = { order, stock, shop };
const DAY = 24 * 60 * 60 * 1000;

/** A domain event of an order, as the router gets it. */
function added(version: number, what: string): FeedEvent {
  return {
    ...{ aggregate: 'order', id: 'o', version, position: version, type: 'added', data: { what } },
    ...{ metadata: {}, commandId: randomUUID(), occurredAt: new Date(), recordedAt: new Date() },
    eventId: `order/o@${version}`,
  };
}

const noTx = { query: () => Promise.reject(new Error('no statement was expected')) };

describe('inputs', () => {
  it('H40 count once each, also an older one that comes after a newer one', async () => {
    const runtime = await startOn(domain);
    await placed(runtime);
    const router = sagaRouter(shop, askOf(runtime), new KnownInstances());
    const [ten, twelve] = [added(10, 'ten'), added(12, 'twelve')];
    for (const batch of [[twelve], [ten], [ten, twelve], [twelve, ten]])
      await router.handle(batch, noTx);
    const { context } = await runtime.saga(shop).waitFor('o', () => true);
    expect(context).toMatchObject({ added: ['twelve', 'ten'] });
  });

  it('that race from two runtimes on one log count once each', async () => {
    const [one, two] = await startTwo(domain);
    await placed(one);
    const inputs = Array.from({ length: 30 }, (_, n) => added(100 + n, `n${n}`));
    const routers = [one, two].map((runtime) =>
      sagaRouter(shop, askOf(runtime), new KnownInstances()),
    );
    const backwards = [...inputs].reverse();
    await Promise.all(
      routers.map((router, n) => eventually(() => router.handle(n ? inputs : backwards, noTx))),
    );
    const instance = await two.saga(shop).get('o');
    const seen = instance?.context.added ?? [];
    expect([...seen].sort()).toEqual(
      inputs.map(({ data }) => (data as { what: string }).what).sort(),
    );
  });

  it('that come before the event that starts an instance are passed over', async () => {
    const runtime = await startOn(domain);
    const orders = runtime.aggregate(order);
    await orders.send('o', { type: 'add', data: { what: 'early' } });
    await placed(runtime);
    expect(await runtime.saga(shop).get('o')).toMatchObject({ step: 2, context: { added: [] } });
    await expect(runtime.saga(shop).send('other', { type: 'stop' })).rejects.toMatchObject({
      code: 'SagaNotFound',
    });
    expect(await runtime.saga(shop).get('other')).toBe(undefined);
  });

  it('H43 are no events of the domain: who listens to all does not hear them', async () => {
    const heard: string[] = [];
    const all = {
      [CONSUMER]: () => ({
        ...{ name: 'all', version: 1, fingerprint: '1', from: 'beginning' as const },
        filter: { aggregates: 'all' as const },
        async handle(events: readonly FeedEvent[]) {
          heard.push(...events.map(({ aggregate }) => aggregate));
        },
      }),
    };
    const runtime = await startOn({ ...domain, all });
    await placed(runtime);
    const { position } = (await collect(runtime.saga(shop).history('o'))).at(-1) ?? {};
    await runtime.waitFor('all', position ?? 0);
    expect(heard).toEqual(['order', 'stock']);
  });

  it('and what they cause belong to the conversation of the first one', async () => {
    const runtime = await startOn(domain);
    const metadata = { correlationId: 'talk' };
    await runtime.aggregate(order).send('o', { type: 'place', data: { what: 'a' } }, { metadata });
    await runtime.saga(shop).waitFor('o', ({ step }) => step === 2);
    const all = await collect(runtime.events());
    expect(all.map((event) => [event.type, event.metadata?.correlationId])).toEqual([
      ['placed', 'talk'],
      ['stepped', 'talk'],
      ['taken', 'talk'],
      ['stepped', 'talk'],
    ]);
    const [event, step, command] = all;
    expect(step?.metadata?.causationId).toBe(event?.eventId);
    expect(command?.metadata?.causationId).toBe(step?.eventId);
  });
});

describe('a command of a saga', () => {
  it.each([
    ['gone', 'refused', 'stock.take.rejected'],
    ['bug', 'broken', 'stock.take.failed'],
  ])('that is %s comes back to its machine', async (what, value) => {
    const runtime = await startOn(domain);
    await runtime.aggregate(order).send('o', { type: 'place', data: { what } });
    expect(await runtime.saga(shop).waitFor('o', 'done')).toMatchObject({ value, commands: {} });
    expect(await taken(runtime)).toEqual([]);
  });

  it('whose outcome is not known is sent again with its key, and executed once', async () => {
    const runtime = await startOn(domain);
    await runtime.pause('$saga/shop/commands');
    await runtime.aggregate(order).send('o', { type: 'place', data: { what: 'book' } });
    await runtime.saga(shop).waitFor('o', () => true);
    const ask = askOf(runtime);
    let lost = 0;
    const lossy: Ask = async (call) => {
      const reply = await ask(call);
      if (call.aggregate !== 'stock' || lost++ > 0) return reply;
      const { aggregate, id, key } = call;
      const command = { commandId: 'x', aggregate, id, key };
      const unseen = { writerId: 0, afterPosition: 0, incarnation: '' };
      return { kind: 'unknown', reason: 'lost', command: { ...command, ...unseen } };
    };
    const relay = sagaRelay(shop, lossy, new KnownInstances());
    const [step] = await collect(runtime.saga(shop).history('o'));
    const event = { ...added(1, ''), aggregate: '$saga/shop', type: 'stepped', data: step };
    await expect(relay.handle([event], noTx)).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(await runtime.saga(shop).get('o')).toMatchObject({ step: 1 });
    await relay.handle([event], noTx);
    expect(await runtime.saga(shop).get('o')).toMatchObject({ step: 2, commands: {} });
    expect(await taken(runtime)).toEqual(['book']);
    await runtime.resume('$saga/shop/commands');
  });

  it('undoes what was done when the instance is cancelled', async () => {
    const runtime = await startOn(domain);
    await placed(runtime);
    await runtime.saga(shop).cancel('o');
    const done = await runtime.saga(shop).waitFor('o', 'done');
    expect(done).toMatchObject({ status: 'cancelled', value: 'undone', timers: {} });
    expect(await taken(runtime)).toEqual(['book', 'back book']);
    await runtime.aggregate(order).send('o', { type: 'add', data: { what: 'late' } });
    await runtime.saga(shop).waitFor('o', ({ late }) => late === 1);
  });

  it('to an aggregate that is not exported is refused at the start', async () => {
    await expect(startOn({ order, shop })).rejects.toMatchObject({
      code: 'UnknownAggregate',
      message: expect.stringContaining('saga shop sends commands to stock') as string,
    });
  });
});

describe('a timer', () => {
  it('H42 that was cancelled does not fire, whatever its row says', async () => {
    const runtime = await startOn(domain);
    const { timers } = await placed(runtime);
    const { key, generation } = Object.values(timers)[0] as { key: string; generation: number };
    await runtime.saga(shop).send('o', { type: 'stop' });
    const payload = JSON.stringify({ type: 'input', data: { kind: 'timer', key, generation } });
    const row = { source: shop.storedAs, id: 'o', key, generation: 1, dueAt: 0, position: 1 };
    await sagaTimers(shop, askOf(runtime)).fire({ ...row, payload, failure: undefined });
    const stopped = await runtime.saga(shop).get('o');
    expect(stopped).toMatchObject({ value: 'stopped', timers: {}, context: { days: 0 }, step: 3 });
  });

  it('H42 that fires while it is cancelled does one of both', async () => {
    const runtime = await startOn(domain);
    const ids = Array.from({ length: 20 }, (_, n) => `o${n}`);
    await Promise.all(ids.map((id) => placed(runtime, id)));
    const ask = askOf(runtime);
    for (const id of ids) {
      const { timers } = (await runtime.saga(shop).get(id)) ?? { timers: {} };
      const { key, generation } = Object.values(timers)[0] as { key: string; generation: number };
      const input = { kind: 'timer', key, generation } as const;
      const to = { id, input, key: `timer/${key}/${generation}` };
      await Promise.all([
        sendInput(ask, shop, to, { at: undefined, metadata: {} }),
        runtime.saga(shop).send(id, { type: 'stop' }),
        sendInput(ask, shop, to, { at: undefined, metadata: {} }),
      ]);
      const after = await runtime.saga(shop).get(id);
      expect(after).toMatchObject({ value: 'stopped', timers: {} });
      const steps = await collect(runtime.saga(shop).history(id));
      const fired = steps.filter((one) => one.input.kind === 'timer').length;
      expect(after?.context).toMatchObject({ days: fired });
    }
  });

  it('fires once, and not early, when the clock is set back', async () => {
    let offset = 0;
    const clock = { now: () => Date.now() + offset };
    const soon = setup({
      types: {} as { context: object; input: unknown },
    }).createMachine({
      id: 'soon',
      context: {},
      initial: 'waiting',
      states: { waiting: { after: { 4000: 'over' } }, over: { type: 'final' } },
    });
    const quick = shopOf({ machine: soon });
    const runtime = await startOn({ order, stock, quick, clock });
    await runtime.aggregate(order).send('o', { type: 'place', data: { what: 'a' } });
    const { timers } = await runtime.saga(quick).waitFor('o', () => true);
    const due = Object.values(timers)[0]?.due ?? 0;
    offset = -60_000;
    await new Promise((resolve) => setTimeout(resolve, due - Date.now() + 200));
    expect(await runtime.saga(quick).get('o')).toMatchObject({ status: 'active' });
    offset = 0;
    // A clock that jumps is noticed within ten seconds.
    const over = await runtime.saga(quick).waitFor('o', 'done', { timeoutMs: 20_000 });
    expect(over.time).toBeGreaterThanOrEqual(due);
    const kinds = (await collect(runtime.saga(quick).history('o'))).map(({ input }) => input.kind);
    expect(kinds).toEqual(['event', 'timer']);
  }, 40_000);
});

describe('a saga in event time', () => {
  const yearly = shopOf({ time: 'event' });

  it('H41 fires nothing of an old log by the clock, and a year of it in due order', async () => {
    const runtime = await startOn({ order, stock, yearly });
    const start = Date.UTC(2011, 9, 1);
    await runtime
      .aggregate(order)
      .send('o', { type: 'place', data: { what: 'old' } }, { occurredAt: start });
    const sagas = runtime.saga(yearly);
    await sagas.waitFor('o', ({ commands }) => Object.keys(commands).length === 0);
    await runtime
      .aggregate(order)
      .send('o', { type: 'add', data: { what: 'x' } }, { occurredAt: start + 3.5 * DAY });
    const early = await sagas.waitFor('o', ({ context }) => context.added.length > 0);
    // What was due before that event has happened before it, and nothing else.
    expect(early).toMatchObject({ context: { days: 3 }, time: start + 3.5 * DAY });
    expect(await runtime.advanceTo(start + 365 * DAY)).toEqual({ fired: 362 });
    expect(await sagas.get('o')).toMatchObject({
      ...{ context: { days: 365 }, time: start + 365 * DAY },
    });
    expect(await runtime.advanceTo(start + 365 * DAY)).toEqual({ fired: 0 });
    const times = (await collect(sagas.history('o'))).map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }, 60_000);
});
