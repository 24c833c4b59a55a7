import { type EffectOutcome, effect, service } from 'troupe';
import { expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Ask } from '../../src/dispatcher/ask.js';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import { deferred } from '../../src/internal/deferred.js';
import type { RefusalCode } from '../../src/messages/errors.js';
import { KnownInstances } from '../../src/saga/known-instances.js';
import { sagaEffects } from '../../src/saga/saga-effects.js';
import { sagaRelay } from '../../src/saga/saga-relay.js';
import { startOn } from '../examples/origins/start.js';
import { collect } from '../support/collect.js';
import { askOf, order, shop, shopOf, stock, taken } from './support/shop.js';

const noTx = { query: () => Promise.reject(new Error('no statement was expected')) };

/** A saga that runs one effect; `call` gets what was ordered. */
function calling(call: (what: string) => Promise<string>) {
  const asked = service(async ({ what }: { what: string }) => call(what));
  const machine = setup({
    types: {} as {
      context: { what: string };
      input: { what: string };
      events: EffectOutcome<'asked', typeof asked>;
    },
    actors: { asked },
  }).createMachine({
    id: 'calling',
    context: ({ input }) => input,
    initial: 'asking',
    states: {
      asking: {
        entry: effect('asked', ({ context: { what } }) => ({ what })),
        on: { 'asked.done': 'over' },
      },
      over: { type: 'final' },
    },
  });
  return shopOf({ machine });
}

/** The first step of an instance, as subscriptions get it. */
async function firstStep(runtime: Parameters<typeof askOf>[0], saga: typeof shop) {
  const [data] = await collect(runtime.saga(saga).history('o'));
  const event: FeedEvent = {
    ...{ aggregate: '$saga/shop', id: 'o', version: 1, position: 1, type: 'stepped', data },
    ...{ metadata: {}, commandId: 'c', occurredAt: new Date(), recordedAt: new Date() },
    eventId: '%24saga%2Fshop/o@1',
  };
  return event;
}

it('an effect that takes long delays its own instance alone', async () => {
  const slow = deferred<void>();
  const saga = calling(async (what) => {
    if (what === 'slow') await slow.promise;
    return what;
  });
  const runtime = await startOn({ order, stock, saga });
  const orders = runtime.aggregate(order);
  await orders.send('first', { type: 'place', data: { what: 'slow' } });
  await runtime.saga(saga).waitFor('first', () => true);
  for (const id of ['a', 'b', 'c']) {
    await orders.send(id, { type: 'place', data: { what: 'quick' } });
    await runtime.saga(saga).waitFor(id, 'done');
  }
  expect(await runtime.saga(saga).get('first')).toMatchObject({ value: 'asking' });
  slow.resolve();
  await runtime.saga(saga).waitFor('first', 'done');
});

it('an effect whose result its instance has is not run again when its step comes again', async () => {
  let runs = 0;
  const saga = calling(async () => String(++runs));
  const runtime = await startOn({ order, stock, saga });
  await runtime.aggregate(order).send('o', { type: 'place', data: { what: 'x' } });
  await runtime.saga(saga).waitFor('o', 'done');
  expect(runs).toBe(1);
  await sagaEffects(saga, askOf(runtime)).handle([await firstStep(runtime, saga)], noTx);
  expect(runs).toBe(1);
});

it.each<[RefusalCode, string]>([
  ['Overloaded', 'StoreUnavailable'],
  ['InlineProjectionsDiffer', 'StoreUnavailable'],
  ['NotOwner', 'NotOwner'],
])(
  'a command that is refused as %s is not heard of by its machine: it is sent again',
  async (code, thrown) => {
    const runtime = await startOn({ order, stock, shop });
    await runtime.pause('$saga/shop/commands');
    await runtime.aggregate(order).send('o', { type: 'place', data: { what: 'book' } });
    await runtime.saga(shop).waitFor('o', () => true);
    const ask = askOf(runtime);
    let refusals = 0;
    const refusing: Ask = async (call) => {
      if (call.aggregate !== 'stock' || refusals++ > 0) return ask(call);
      return { ref: 0, kind: 'refused', code, message: 'not now', details: {}, cause: undefined };
    };
    const relay = sagaRelay(shop, refusing, new KnownInstances());
    const event = await firstStep(runtime, shop);
    await expect(relay.handle([event], noTx)).rejects.toMatchObject({ code: thrown });
    expect(await runtime.saga(shop).get('o')).toMatchObject({ step: 1, value: 'open' });
    await relay.handle([event], noTx);
    expect(await runtime.saga(shop).get('o')).toMatchObject({ step: 2, commands: {} });
    expect(await taken(runtime)).toEqual(['book']);
    await runtime.resume('$saga/shop/commands');
  },
);
