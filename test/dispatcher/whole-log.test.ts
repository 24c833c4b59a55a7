import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { untilHandled, useSubscriptions } from './support/use-subscriptions.js';

const on = useSubscriptions();
const plain = { aggregate: 'a', id: 'x' };
const reserved = { aggregate: '$saga/x', id: 'x' };
const parcel = { aggregate: 'parcel', id: 'x' };

describe('a consumer of everything', () => {
  it('gets reserved streams too, whether it catches up or is live', async () => {
    await on.append([eventRow(reserved, 1), eventRow(plain, 1)]);
    const whole = await on.sink('whole', { filter: { aggregates: 'everything' } });
    const all = await on.sink('all');
    const running = on.run([whole, all]);
    await untilHandled(whole, 2);
    await eventually(() =>
      expect(running.processor.statuses.map(({ state }) => state)).toEqual(['live', 'live']),
    );
    running.processor.wake((await on.append([eventRow(reserved, 2), eventRow(plain, 2)])).at(-1));
    await untilHandled(whole, 4);
    await untilHandled(all, 2);
  });

  it('can have events as they are stored: what is dropped or cannot be read is there, once', async () => {
    const metadata = '{"correlationId":"c"}';
    await on.append([
      eventRow(parcel, 1, { type: 'scanned', metadata }),
      eventRow(parcel, 2, { type: 'of the future', data: '[7]' }),
    ]);
    const seen: FeedEvent[] = [];
    const raw = await on.sink('raw', {
      ...{ filter: { aggregates: 'everything' }, asStored: true },
      handle: async (events) => void seen.push(...events),
    });
    on.run([raw]);
    await eventually(() => expect(seen).toHaveLength(2));
    expect(seen.map(({ type, eventId }) => [type, eventId])).toEqual([
      ['scanned', 'parcel/x@1'],
      ['of the future', 'parcel/x@2'],
    ]);
    expect(seen[0]!.metadata).toEqual({ correlationId: 'c' });
    expect(seen[1]!.data).toEqual([7]);
    expect(seen[1]!.recordedAt.getTime()).toBeGreaterThan(0);
  });
});

describe('a predicate of a consumer', () => {
  it('leaves out events, and the checkpoint goes past them', async () => {
    await on.append([1, 2, 3, 4].map((version) => eventRow(plain, version)));
    const even = await on.sink('even', { where: (event) => event.version % 2 === 0 });
    on.run([even]);
    await eventually(async () =>
      expect((await on.subscriptions.find('even'))?.checkpoint.position).toBe(4),
    );
    expect((await even.rows()).map((row) => row.version)).toEqual([2, 4]);
  });

  it('that throws parks the stream of that event alone', async () => {
    await on.append([eventRow(plain, 1), eventRow({ aggregate: 'b', id: 'y' }, 1)]);
    const picky = await on.sink('picky', {
      where(event) {
        if (event.aggregate === 'a') throw new Error('no idea');
        return true;
      },
    });
    on.run([picky]);
    await untilHandled(picky, 1);
    await eventually(async () =>
      expect(await on.subscriptions.parked('picky')).toMatchObject([
        { aggregate: 'a', error: { message: 'no idea' } },
      ]),
    );
  });
});
