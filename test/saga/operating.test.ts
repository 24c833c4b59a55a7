import { describe, expect, it, vi } from 'vitest';
import { enqueueActions, setup } from 'xstate';
import { startOn } from '../examples/origins/start.js';
import { collect } from '../support/collect.js';
import { eventually } from '../support/eventually.js';
import { freshSchema } from '../support/postgres.js';
import { machine, order, placed, shop, shopOf, stock, taken } from './support/shop.js';

const domain = { order, stock, shop };
const DAY = 24 * 60 * 60 * 1000;

describe('what a machine does', () => {
  it('reaches the logger when it logs, once its step is stored', async () => {
    const runtime = await startOn(domain);
    const heard: string[] = [];
    runtime.on('info', ({ message }) => heard.push(message));
    await placed(runtime);
    await runtime.aggregate(order).send('o', { type: 'add', data: { what: 'pen' } });
    await eventually(() => expect(heard).toEqual(['Saga shop, instance o: added: pen']));
  });

  it('H44 and may not, parks its instance and is told, with machine, state and action', async () => {
    const hidden = setup({
      types: {} as { context: object; input: unknown; events: { type: 'stop' } },
    }).createMachine({
      id: 'hidden',
      context: {},
      initial: 'open',
      states: {
        open: {
          on: {
            stop: {
              actions: enqueueActions(({ enqueue }) => {
                enqueue(function mails() {
                  return undefined;
                });
              }),
            },
          },
        },
      },
    });
    const parking = shopOf({ machine: hidden });
    const runtime = await startOn({ order, stock, parking });
    const heard: string[] = [];
    runtime.on('error', ({ message }) => heard.push(message));
    const orders = runtime.aggregate(order);
    await orders.send('o', { type: 'place', data: { what: 'a' } });
    await orders.send('o', { type: 'stop', data: {} });
    await orders.send('o', { type: 'add', data: { what: 'held' } });
    const sagas = runtime.saga(parking);
    const at = await sagas.waitFor('o', ({ held }) => held.length === 2);
    expect(at).toMatchObject({
      status: 'parked',
      error: { code: 'SagaRefused', details: { machine: 'hidden', action: 'mails' } },
    });
    await expect(sagas.waitFor('o', 'done')).rejects.toMatchObject({ code: 'SagaParked' });
    await eventually(() => expect(heard.join()).toContain('instance o is parked: '));
    expect(await sagas.retry('o', 'skip')).toMatchObject({ status: 'active', held: [] });
    await expect(sagas.retry('o')).rejects.toMatchObject({ code: 'SagaNotParked' });
  });
});

describe('a new version', () => {
  async function begun(): Promise<string> {
    const schema = freshSchema();
    const runtime = await startOn(domain, schema);
    await placed(runtime);
    const { position } = (await collect(runtime.saga(shop).history('o'))).at(-1) ?? {};
    await runtime.waitFor('saga-shop', position ?? 0);
    await runtime.stop();
    return schema;
  }

  it('does not start where instances could not go on, and lists them', async () => {
    const schema = await begun();
    const next = shopOf({ version: 2 });
    await expect(startOn({ order, stock, next }, schema)).rejects.toMatchObject({
      code: 'SagaVersionUnknown',
      details: { saga: 'shop', instances: ['o'], versions: [1] },
    });
  });

  it('leaves them on the machine with which they began, while that is registered', async () => {
    const schema = await begun();
    const next = shopOf({ version: 2, previous: [{ version: 1, machine }] });
    const runtime = await startOn({ order, stock, next }, schema);
    await runtime.saga(next).send('o', { type: 'stop' });
    expect(await runtime.saga(next).get('o')).toMatchObject({ machine: { version: 1 } });
    await runtime.aggregate(order).send('p', { type: 'place', data: { what: 'b' } });
    const other = await runtime.saga(next).waitFor('p', () => true);
    expect(other).toMatchObject({ machine: { version: 2 } });
  });

  it('migrates them with their next step where it says how', async () => {
    const schema = await begun();
    const next = shopOf({
      version: 2,
      migrate: ({ context }: { context: object }) => ({
        value: 'open',
        context: { ...context, days: 7 },
      }),
    });
    const runtime = await startOn({ order, stock, next }, schema);
    await runtime.saga(next).send('o', { type: 'stop' });
    const moved = await runtime.saga(next).get('o');
    expect(moved).toMatchObject({
      machine: { version: 2 },
      context: { days: 7 },
      value: 'stopped',
    });
  });
});

it('10 000 instances live, each with its timer', async () => {
  const runtime = await startOn(domain);
  const orders = runtime.aggregate(order);
  const ids = Array.from({ length: 10_000 }, (_, n) => `o${n}`);
  const waiting = [...ids];
  const lane = async (): Promise<void> => {
    for (let id = waiting.pop(); id; id = waiting.pop())
      await orders.send(id, { type: 'place', data: { what: id } });
  };
  await Promise.all(Array.from({ length: 500 }, lane));
  const sagas = runtime.saga(shop);
  const far = { status: 'active', nextDue: { gt: new Date(Date.now() + DAY / 2) } } as const;
  await vi.waitFor(async () => expect(await sagas.count(far)).toBe(10_000), {
    timeout: 120_000,
    interval: 500,
  });
  await vi.waitFor(async () => expect((await taken(runtime)).length).toBe(10_000), {
    timeout: 120_000,
    interval: 500,
  });
  expect(new Set(await taken(runtime)).size).toBe(10_000);
}, 300_000);
