import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSUMER, type FeedEvent } from '../../src/dispatcher/subscription.js';
import type { ProjectionContext } from '../../src/projection/projection-context.js';
import { ViewClient } from '../../src/projection/view-client.js';
import { history, totals } from './support/ledger.js';
import { kindsOfTables, type TablesUnderTest } from './support/tables-under-test.js';

describe.each(kindsOfTables)('an event that was parked, with tables %s', (_, start) => {
  let under: TablesUnderTest;
  beforeAll(async () => {
    under = await start();
  });
  afterAll(() => under?.stop());

  it('H35 gets its place before younger events of other streams in the documents that it concerns', async () => {
    const events = history(
      ['a', 'opened', { owner: 'mia' }],
      ['t1', 'booked', { from: 'a', to: 'b', cents: 1 }],
      ['a', 'closed', {}],
      ['t2', 'booked', { from: 'b', to: 'a', cents: 10 }],
      ['c', 'put', { cents: 7 }],
    );
    const [late] = [events[2] as FeedEvent];
    const inTime = events.filter((event) => event !== late);
    const context: Partial<ProjectionContext> = {
      schema: 'unused',
      views: under.tables,
      async *handled() {
        yield inTime.slice(0, 1);
        yield inTime.slice(1, 3);
        yield inTime.slice(3);
      },
    };
    const consumer = totals[CONSUMER](context as ProjectionContext);
    await under.transaction((tx) => under.tables.prepare(tx, totals));
    await under.transaction((tx) => consumer.handle(inTime, tx));
    const client = new ViewClient<NonNullable<(typeof totals)['types']>>(totals, under);
    expect(await client.get('a')).toMatchObject({ owner: 'mia', cents: 9 });

    await under.transaction(async (tx) => consumer.handleLate?.([late], tx));
    // As if it had been there in time: closed before the second transfer came.
    expect(await client.get('a')).toEqual({ owner: null, cents: 10, moves: ['transfer t2'] });
    expect(await client.get('b')).toMatchObject({ cents: -9 });
    expect(await client.get('c')).toMatchObject({ cents: 7 });
  });
});
