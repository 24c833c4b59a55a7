import { isRefusal, type Runtime } from 'troupe';
import { given, stored } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as today from '../../../examples/origins/book/domain.js';
import * as firstRelease from '../../../examples/origins/book/first-release.js';
import { collect } from '../../support/collect.js';
import { freshSchema } from '../../support/postgres.js';
import { startOn, startTwo } from './start.js';

const { book } = today;
const buy = (copies: number, cents = 900) => ({ type: 'buy', data: { copies, cents } }) as const;
const bringBack = { type: 'bringBack', data: { copies: 1 } } as const;
const view = { type: 'view', data: {} } as const;

describe('the book of event_sourcing.rs', () => {
  it('handle_command: buys what is left over, and a book that nobody touched has ten copies', async () => {
    await given(book, [])
      .when(buy(10))
      .thenEvents([{ type: 'bought', data: { copies: 10, cents: 900n } }])
      .thenState({ leftover: 0, earned: '900' });
  });

  it('Aggregate::Error: a denial has a type of its own', async () => {
    await given(book, [{ type: 'returned', data: { copies: 2 } }])
      .when(buy(13))
      .thenRejected('NOT_ENOUGH_COPIES', { leftover: 12 });
  });

  it('Schema and Upcaster: events are lifted and decoded before the domain sees them', () => {
    const old = [stored('bought', { copies: 3 }), stored('viewed', {})];
    const recent = stored('bought', { copies: 1, cents: '12345678901234567890' }, 2);
    given(book, [...old, recent]).thenState({ leftover: 6, earned: '12345678901234567890' });
  });
});

describe('the book of event_sourcing.rs, on Postgres', () => {
  it('handle_command: denied by the domain and an operational error are two layers', async () => {
    const books = (await startOn(today)).aggregate(book);
    const denied = await books.trySend('b', buy(11));
    expect(denied).toMatchObject({
      ok: false,
      ...{ shortCode: 'NOT_ENOUGH_COPIES', code: 'BOOK_NOT_ENOUGH_COPIES', number: 20_001 },
      ...{ details: { leftover: 10 }, message: 'There are only 10 copies left' },
    });
    const operational = books.trySend('b', buy(1), { expectedVersion: 7 });
    expect(isRefusal(await operational.catch((error: unknown) => error))).toBe(true);
  });

  it('handle_command: returns the new state', async () => {
    const { state } = await (await startOn(today))
      .aggregate(book)
      .send('b', buy(4), { state: true });
    expect(state).toEqual({ leftover: 6, earned: '900' });
  });

  it('Schema: what is stored has a shape of its own, what readers get is the domain shape', async () => {
    const runtime = await startOn(today);
    const receipt = await runtime.aggregate(book).send('b', buy(1, 250));
    expect(receipt.events[0]).toMatchObject({ data: { copies: 1, cents: 250n } });
    const [event] = await collect(runtime.aggregate(book).events('b'));
    expect(event?.data).toEqual({ copies: 1, cents: 250n });
  });

  it('deprecated events are skipped, and stand in the way of nothing: not as the last of a stream either', async () => {
    const runtime = await afterFirstRelease([buy(2), view]);
    const books = runtime.aggregate(book);
    expect(await books.state('b')).toMatchObject({ version: 2, state: { leftover: 8 } });
    expect((await collect(books.events('b'))).map(({ type }) => type)).toEqual(['bought']);
    const receipt = await books.send('b', buy(1), { expectedVersion: 2, state: true });
    expect(receipt).toMatchObject({ version: 3, state: { leftover: 7, earned: '900' } });
  });

  it('an aggregate of deprecated events alone exists', async () => {
    const books = (await afterFirstRelease([view, view])).aggregate(book);
    expect(await books.state('b')).toMatchObject({ version: 2, state: { leftover: 10 } });
    expect(await books.send('b', bringBack)).toMatchObject({ version: 3 });
  });

  it('deprecated events are skipped by the page, and the reader comes to the end of the stream', async () => {
    const runtime = await afterFirstRelease([...Array.from({ length: 600 }, () => view), buy(2)]);
    const events = await collect(runtime.aggregate(book).events('b'));
    expect(events.map(({ type, version }) => [type, version])).toEqual([['bought', 601]]);
  });

  it('locking: ten copies are sold once each, however many want one at the same time', async () => {
    const both = await startTwo(today);
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, i) => both[i % 2]!.aggregate(book).trySend('b', buy(1))),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(10);
    for (const result of results)
      if (!result.ok)
        expect(result).toMatchObject({ shortCode: 'NOT_ENOUGH_COPIES', details: { leftover: 0 } });
    expect(await both[0].aggregate(book).state('b')).toMatchObject({ state: { leftover: 0 } });
  });

  it('AggregateState::new: an instance without an id given gets a UUID', async () => {
    const { id } = await (await startOn(today)).aggregate(book).create(buy(1));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
  });

  it('stream_events: all events of the table in the order in which they happened, sequences kept', async () => {
    const runtime = await startOn(today);
    for (const id of ['a', 'b', 'a']) await runtime.aggregate(book).send(id, bringBack);
    const events = await collect(runtime.events());
    expect(events.map(({ id, version }) => [id, version])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ]);
  });
});

/** Today's release on a log that the first one has written. */
async function afterFirstRelease(commands: readonly (ReturnType<typeof buy> | typeof view)[]) {
  const schema = freshSchema();
  const before: Runtime = await startOn(firstRelease, schema);
  const books = before.aggregate(firstRelease.book);
  await Promise.all(commands.map((command) => books.send('b', command)));
  await before.stop();
  return startOn(today, schema);
}
