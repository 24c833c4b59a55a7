import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import { deferred } from '../../src/internal/deferred.js';
import { eventRow, eventRows } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { manyRows, untilHandled, useSubscriptions } from './support/use-subscriptions.js';

const on = useSubscriptions();
const stateOf = (running: ReturnType<typeof on.run>) => running.processor.statuses[0]!.state;

describe('a subscription', () => {
  it('gets every event from the beginning, in order, and goes on live', async () => {
    await on.append(manyRows('a', 300, 10));
    const sink = await on.sink('all');
    const running = on.run([sink], { batchEvents: 700 });
    await untilHandled(sink, 3000);
    await eventually(() => expect(stateOf(running)).toBe('live'));
    for (let i = 1; i <= 5; i++) {
      const positions = await on.append([eventRow({ aggregate: 'a', id: 'live' }, i)]);
      running.processor.wake(positions[0]);
      await untilHandled(sink, 3000 + i);
    }
    const positions = (await sink.rows()).map((row) => row.position);
    expect(positions).toEqual(positions.map((_, i) => i + 1));
    expect(await on.subscriptions.find('all')).toMatchObject({
      checkpoint: { position: 3005, commandId: 'command-live-5' },
      state: 'live',
    });
  });

  it('goes on from its checkpoint when it is started again', async () => {
    await on.append(manyRows('a', 10, 10));
    const sink = await on.sink('all');
    const first = on.run([sink], { batchEvents: 7 });
    await eventually(async () => expect((await sink.rows()).length).toBeGreaterThan(20));
    await first.processor.stop();
    const before = (await sink.rows()).length;
    on.run([sink]);
    await untilHandled(sink, 100);
    expect(before).toBeLessThanOrEqual(100);
  });

  it('reads only what it wants from the log, and its checkpoint goes past the rest', async () => {
    const wanted = { type: 'wanted' };
    await on.append([
      ...eventRows({ aggregate: 'a', id: 'x' }, 1, 50),
      eventRow({ aggregate: 'a', id: 'x' }, 51, wanted),
      ...eventRows({ aggregate: 'b', id: 'x' }, 1, 50),
    ]);
    const some = await on.sink('some', { filter: { aggregates: ['a'], types: { a: ['wanted'] } } });
    const read: number[] = [];
    const real = on.subscriptions.page.bind(on.subscriptions);
    on.subscriptions.page = async (page) => {
      const batch = await real(page);
      read.push(batch.events.length);
      return batch;
    };
    on.run([some], { subscriptions: on.subscriptions });
    await eventually(async () =>
      expect((await on.subscriptions.find('some'))?.checkpoint.position).toBe(101),
    );
    expect(read.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect((await some.rows()).map((row) => row.position)).toEqual([51]);
  });

  it('leaves out reserved streams unless it names them', async () => {
    await on.append([
      eventRow({ aggregate: '$saga/x', id: 'x' }, 1),
      eventRow({ aggregate: 'a', id: 'x' }, 1),
    ]);
    const all = await on.sink('all');
    const sagas = await on.sink('sagas', { filter: { aggregates: ['$saga/x'] } });
    on.run([all, sagas]);
    await untilHandled(all, 1);
    await untilHandled(sagas, 1);
    expect((await all.rows())[0]!.position).toBe(2);
    expect((await sagas.rows())[0]!.position).toBe(1);
  });

  it('starts after a position, and refuses one beyond the end', async () => {
    await on.append(manyRows('a', 1, 9));
    const late = await on.sink('late', { from: 7 });
    const never = await on.sink('never', { from: 10 });
    const running = on.run([late, never]);
    await untilHandled(late, 2);
    await eventually(() => expect(running.processor.statuses[1]!.state).toBe('stopped'));
    expect(running.told).toEqual([expect.stringContaining('expected one up to 9')]);
  });

  it('H32 from now on misses nothing that was under way when it began', async () => {
    const stranger = await on.log.stranger();
    await stranger.query('BEGIN');
    await insert(stranger, eventRow({ aggregate: 'a', id: 'late' }, 1));
    await on.append([eventRow({ aggregate: 'a', id: 'early' }, 1)]);
    const sink = await on.sink('all', { from: 'now' });
    on.run([sink]);
    await untilOneWaitsForTheLock();
    // Begun at the highest position, it would skip the lower one.
    expect(await on.subscriptions.find('all')).toBeUndefined();
    await stranger.query('COMMIT');
    await eventually(async () => expect(await on.subscriptions.find('all')).toBeDefined());
    await on.append([eventRow({ aggregate: 'a', id: 'next' }, 1)]);
    await untilHandled(sink, 1);
    expect((await sink.rows())[0]!.id).toBe('next');
  });

  it('H21 gets events in order although they commit out of order, and goes past what was rolled back', async () => {
    const sink = await on.sink('all');
    const { processor } = on.run([sink], { batchEvents: 5 });
    const committed: number[] = [];
    const lane = async (lane: number) => {
      const db = await on.log.stranger();
      for (let i = 1; i <= 40; i++) {
        await db.query('BEGIN');
        const position = await insert(db, eventRow({ aggregate: 'a', id: `l${lane}` }, i));
        if ((i + lane) % 3 === 0) await db.query('SELECT pg_sleep(0.01)');
        const isKept = (i * 7 + lane) % 4 !== 0;
        await db.query(isKept ? 'COMMIT' : 'ROLLBACK');
        if (isKept) committed.push(position);
        processor.wake(); // so that it reads while others are under way
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, i) => lane(i)));
    await untilHandled(sink, committed.length);
    expect((await sink.rows()).map((row) => row.position)).toEqual(committed.sort((a, b) => a - b));
  });

  it('gets events lifted to today: upcast, renamed, split, and none for those dropped', async () => {
    const stream = { aggregate: 'parcel', id: 'p' };
    await on.append([
      eventRow(stream, 1, { type: 'measured', data: '{"pounds":2}' }),
      eventRow(stream, 2, { type: 'moved', data: '{"route":["a","b"]}' }),
      eventRow(stream, 3, { type: 'scanned', data: '{}' }),
      eventRow(stream, 4, { type: 'weighedAndMoved', data: '{"pounds":1,"to":"c"}' }),
      eventRow(stream, 5, { type: 'scanned', data: '{}' }),
    ]);
    const seen: FeedEvent[] = [];
    const moves: FeedEvent[] = [];
    const sink = await on.sink('lifted', {
      async handle(events) {
        seen.push(...events);
      },
    });
    const only = await on.sink('moves', {
      filter: { aggregates: ['parcel'], types: { parcel: ['moved'] } },
      async handle(events) {
        moves.push(...events);
      },
    });
    on.run([sink, only]);
    await eventually(() => expect([seen.length, moves.length]).toEqual([5, 3]));
    expect(seen.map(({ type, version, part, eventId }) => [type, version, part, eventId])).toEqual([
      ['weighed', 1, undefined, 'parcel/p@1'],
      ['moved', 2, 0, 'parcel/p@2'],
      ['moved', 2, 1, 'parcel/p@2.1'],
      ['weighed', 4, 0, 'parcel/p@4'],
      ['moved', 4, 1, 'parcel/p@4.1'],
    ]);
    expect(seen[0]!.data).toEqual({ grams: 900n, at: new Date(Date.UTC(2024, 1, 29)) });
    expect(moves.map((event) => event.data)).toEqual([{ to: 'a' }, { to: 'b' }, { to: 'c' }]);
    await eventually(async () =>
      expect((await on.subscriptions.find('moves'))!.checkpoint.position).toBe(5),
    );
  });

  it('H31 that cannot keep up goes back to reading the log; memory stays bounded', async () => {
    const gate = deferred<void>();
    let isHeld = true;
    const sink = await on.sink('slow');
    const slow = {
      ...sink,
      async handle(events: readonly FeedEvent[], tx: Parameters<typeof sink.handle>[1]) {
        if (isHeld) await gate.promise;
        await sink.handle(events, tx);
      },
    };
    const running = on.run([slow], { leaseMs: 30_000 });
    const positions = await on.append([eventRow({ aggregate: 'a', id: 'first' }, 1)]);
    running.processor.wake(positions[0]);
    await eventually(() => expect(running.blamed.size).toBe(1));
    for (let i = 0; i < 22; i++) await on.append(manyRows(`a${i}`, 100, 10));
    const { tail } = running.processor as unknown as { tail: { forgotten: number } };
    await eventually(() => expect(tail.forgotten).toBeGreaterThan(0));
    isHeld = false;
    gate.resolve();
    await untilHandled(sink, 22_001);
    expect(running.processor.statuses[0]!.fallbacks).toBe(1);
    const all = (await sink.rows()).map((row) => row.position);
    expect(all).toEqual(all.map((_, i) => i + 1));
  });
});

describe('an operator', () => {
  it('that was had before the end of the log was known goes on as soon as it is', async () => {
    const sink = await on.sink('early');
    const gate = deferred<void>();
    const store = Object.assign(Object.create(on.store) as typeof on.store, {
      settledEnd: () => gate.promise.then(() => on.store.settledEnd()),
    });
    on.run([sink], { leaseMs: 600_000, store });
    await on.append(manyRows('a', 1, 5));
    await eventually(async () =>
      expect(await on.subscriptions.find('early')).toMatchObject({ epoch: 1 }),
    );
    gate.resolve();
    await untilHandled(sink, 5);
  });

  it('pauses a subscription, and a batch under way cannot end; then it goes on', async () => {
    const sink = await on.sink('paused');
    const gate = deferred<void>();
    let calls = 0;
    const held = {
      ...sink,
      async handle(events: readonly FeedEvent[], tx: Parameters<typeof sink.handle>[1]) {
        if (calls++ === 0) await gate.promise;
        await sink.handle(events, tx);
      },
    };
    const running = on.run([held], { leaseMs: 30_000 });
    await on.append(manyRows('a', 1, 5));
    await eventually(() => expect(calls).toBe(1));
    const pausing = on.subscriptions.pause('paused');
    gate.resolve(); // it waits for the row
    expect(await pausing).toBe(true);
    const handled = (await sink.rows()).length;
    running.processor.poke();
    await eventually(() => expect(stateOf(running)).toBe('paused'));
    await on.append(manyRows('b', 1, 5));
    expect(await on.subscriptions.find('paused')).toMatchObject({
      state: 'paused',
      owner: undefined,
    });
    expect(await sink.rows()).toHaveLength(handled);
    expect(await on.subscriptions.resume('paused', undefined)).toBe(true);
    running.processor.poke();
    await untilHandled(sink, 10);
  });
});

async function insert(
  db: Awaited<ReturnType<typeof on.log.stranger>>,
  row: ReturnType<typeof eventRow>,
): Promise<number> {
  const values = [row.slice, row.aggregate, row.id, row.version, row.type, row.schemaVersion];
  const { rows } = await db.query<{ position: string }>(
    `INSERT INTO ${on.own.schema}.events (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING position`,
    [...values, row.data, row.metadata, row.commandId, new Date(row.occurredAt)],
  );
  return Number(rows[0]!.position);
}

/** The runner and the tail have seen the open transaction, and wait for it. */
async function untilOneWaitsForTheLock(): Promise<void> {
  let looks = 0;
  const { store } = on as unknown as { store: { lockWatch: { holders(): Promise<unknown> } } };
  const real = store.lockWatch.holders;
  store.lockWatch.holders = () => {
    looks += 1;
    return real();
  };
  await eventually(() => expect(looks).toBeGreaterThan(6));
}
