import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { given } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as domain from '../../../examples/origins/gift-shop/domain.js';
import { collect } from '../../support/collect.js';
import { Program } from '../program.js';
import { startOn } from './start.js';

const { giftCard, order } = domain;
const print = { type: 'print', data: { name: 'Coffee', cents: 500 } } as const;
const place = { type: 'place', data: { user: 'ann' } } as const;
const add = { type: 'add', data: { card: 'coffee', amount: 3, cents: 500 } } as const;
const validate = { type: 'validate', data: {} } as const;
const cancel = { type: 'cancel', data: {} } as const;
const placed = { type: 'placed', data: { user: 'ann' } } as const;
const added = { type: 'added', data: add.data } as const;

describe('the gift shop of Chekov', () => {
  it('GiftCard: is created once, and a second time nothing happens', async () => {
    await given(giftCard, [{ type: 'printed', data: print.data }])
      .when(print)
      .thenNothing();
  });

  it('ValidateOrder: an order with something in it, once', async () => {
    await given(order, [placed]).when(validate).thenRejected('EMPTY', {});
    await given(order, [placed, added])
      .when(validate)
      .thenEvents([{ type: 'validated', data: { cents: 1500 } }]);
    await given(order, [placed, added, { type: 'validated', data: { cents: 1500 } }])
      .when(add)
      .thenRejected('NOT_OPEN', {});
  });

  it('CancelOrder: before and after it was validated, not twice', async () => {
    const validated = { type: 'validated', data: { cents: 1500 } } as const;
    const cancelled = { type: 'cancelled', data: {} } as const;
    for (const history of [[placed], [placed, added, validated]])
      await given(order, history).when(cancel).thenEvents([cancelled]);
    await given(order, [placed, cancelled]).when(cancel).thenRejected('NOT_OPEN', {});
  });
});

describe('the gift shop of Chekov, on Postgres', () => {
  it('several aggregates share one log and no ids', async () => {
    const runtime = await startOn(domain);
    await runtime.aggregate(giftCard).send('x', print);
    await runtime.aggregate(order).send('x', place);
    expect(await runtime.aggregate(giftCard).state('x')).toMatchObject({ version: 1 });
    expect(await runtime.aggregate(order).state('x')).toMatchObject({ version: 1 });
  });

  it('CommandMetadatas: correlation and causation are stored, and lead through all aggregates', async () => {
    const runtime = await startOn(domain);
    const metadata = { correlationId: 'sale-1' };
    await runtime.aggregate(order).send('noise', place);
    await runtime.aggregate(order).send('o', place, { metadata });
    const [cause] = await collect(runtime.aggregate(order).events('o'));
    const causationId = cause?.eventId ?? '';
    await runtime
      .aggregate(giftCard)
      .send('coffee', print, { metadata: { ...metadata, causationId } });
    const story = (await collect(runtime.events())).filter(
      (event) => event.metadata.correlationId === 'sale-1',
    );
    expect(story.map(({ aggregate, type }) => `${aggregate} ${type}`)).toEqual([
      'order placed',
      'gift-card printed',
    ]);
    expect(story[1]?.metadata).toMatchObject({ causationId: 'order/o@1' });
  });

  it('CommandMetadatas: a correlation id is there also where none was given: that of the command', async () => {
    const runtime = await startOn(domain);
    await runtime.aggregate(order).send('o', place, { commandId: 'c-1' });
    const [event] = await collect(runtime.events());
    expect(event).toMatchObject({ commandId: 'c-1', metadata: { correlationId: 'c-1' } });
  });

  it('$all: one order of all events, without gaps, to be read from any position', async () => {
    const runtime = await startOn(domain);
    const orders = runtime.aggregate(order);
    const ids = ['o-1', 'o-2', 'o-3', 'o-4'];
    await Promise.all(ids.map((id) => orders.send(id, place)));
    await Promise.all(ids.map((id) => orders.send(id, add)));
    const positions = (await collect(runtime.events())).map(({ position }) => position);
    expect(positions).toHaveLength(8);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    const tail = await collect(runtime.events({ after: positions[4] ?? 0 }));
    expect(tail.map(({ position }) => position)).toEqual(positions.slice(5));
  });

  it('Application: two applications in one process share nothing, though they have the same aggregates', async () => {
    const [first, second] = [await startOn(domain), await startOn(domain)];
    await first.aggregate(order).send('o', place);
    expect(await second.aggregate(order).state('o')).toBeUndefined();
    expect(await second.aggregate(order).send('o', place)).toMatchObject({ version: 1 });
  });

  it('commands of one order are handled one after the other, in the order in which they came', async () => {
    const orders = (await startOn(domain)).aggregate(order);
    const results = await Promise.all(
      [place, add, add, validate, add, cancel, cancel].map((it) => orders.trySend('o', it)),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true, false, true, false]);
    expect(await orders.state('o')).toMatchObject({ version: 5, state: { cents: 3000 } });
  });
});

it('the gift shop of Chekov sells two cards, in threads and on a Postgres of its own', {
  timeout: 60_000,
}, async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'troupe-gift-shop-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  // Started by root, the server runs as another user, who must be able to enter.
  await chmod(cwd, 0o755);
  const program = new Program('examples/origins/gift-shop/main.ts', [], { cwd });
  expect(await program.ended(), program.stderr).toBe(0);
  expect(program.stdout).toBe(
    'gift-card printed -\norder placed mia\norder added mia\norder validated mia\n',
  );
});
