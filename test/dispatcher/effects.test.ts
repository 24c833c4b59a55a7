import { expect, it } from 'vitest';
import type { Consumer, FeedEvent } from '../../src/dispatcher/subscription.js';
import { CommandRefused } from '../../src/messages/errors.js';
import { eventually } from '../support/eventually.js';
import { manyRows, useSubscriptions } from './support/use-subscriptions.js';

const on = useSubscriptions();

function effects(how: 'each' | 'batch', take: (ids: string[]) => void | Promise<void>): Consumer {
  return {
    ...{ name: 'effects', version: 1, fingerprint: 'a', from: 'beginning', effects: how },
    filter: { aggregates: 'all' },
    handle: async (events: readonly FeedEvent[]) => take(events.map(({ id }) => id)),
  };
}

const caughtUp = (position: number) =>
  eventually(async () => {
    const [row] = await on.subscriptions.list();
    expect(row?.checkpoint.position).toBe(position);
  });

it('event by event: what was done before one that fails is not done again', async () => {
  await on.append(manyRows('plain', 50, 1));
  const done: string[] = [];
  let failures = 0;
  on.run([
    effects('each', ([id]) => {
      if (id === 's0030' && failures++ < 1) throw new Error('once');
      done.push(id as string);
    }),
  ]);
  await caughtUp(50);
  expect(done).toEqual(Array.from({ length: 50 }, (_, i) => `s${String(i).padStart(4, '0')}`));
});

it('event by event: one that goes on failing is parked after as many attempts as for any other', async () => {
  await on.append(manyRows('plain', 20, 1));
  const done: string[] = [];
  let attempts = 0;
  const { told } = on.run([
    effects('each', ([id]) => {
      if (id === 's0007') {
        attempts++;
        throw new Error('always');
      }
      done.push(id as string);
    }),
  ]);
  await caughtUp(20);
  expect(done).toHaveLength(19);
  // One more where it was in the middle of a batch.
  expect(attempts).toBeLessThanOrEqual(3);
  expect(told.join()).toContain('cannot handle plain/s0007');
  await on.subscriptions.askRetry(
    'effects',
    { aggregate: 'plain', id: 's0007' },
    { who: 'Ada', why: 'a test' },
  );
  await eventually(() => expect(attempts).toBeGreaterThanOrEqual(4));
});

it('in batches, and outside of any transaction: it may take longer than one may idle', async () => {
  await on.append(manyRows('plain', 30, 1));
  const batches: number[] = [];
  const { told } = on.run([
    effects('batch', async (ids) => {
      batches.push(ids.length);
      await new Promise((resolve) => setTimeout(resolve, 1600));
    }),
  ]);
  await caughtUp(30);
  expect(batches).toEqual([30]);
  expect(told).toEqual([]);
});

it('who may not send leaves the subscription to a process that may', async () => {
  await on.append(manyRows('plain', 10, 1));
  let refusals = 0;
  on.run([
    effects('each', () => {
      refusals++;
      throw new CommandRefused('NotOwner', 'another process owns the log');
    }),
  ]);
  await eventually(() => expect(refusals).toBeGreaterThan(0));
  const done: string[] = [];
  on.run([effects('each', ([id]) => void done.push(id as string))]);
  await caughtUp(10);
  expect(done).toHaveLength(10);
  expect(await on.subscriptions.parked('effects')).toEqual([]);
});
