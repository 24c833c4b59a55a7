import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Consumer, FeedEvent } from '../../src/dispatcher/subscription.js';
import { PostgresBatch } from '../../src/postgres/postgres-batch.js';
import { StoreUnavailable } from '../../src/store/unavailable.js';
import { eventRow, eventRows } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import {
  manyRows,
  type Sink,
  untilHandled,
  useSubscriptions,
} from './support/use-subscriptions.js';

const on = useSubscriptions();
const stream = { aggregate: 'a', id: 's0500' };
const ops = { who: 'Ada', why: 'mended' };

describe('one poison event in a thousand streams', () => {
  it('parks its stream alone; what comes later in it waits in order, and is handled after a retry', async () => {
    await on.append(manyRows('a', 1000, 3));
    const { poison, sink } = await poisoned('views', 2);
    const running = on.run([poison]);
    await untilHandled(sink, 2998); // all but versions 2 and 3 of one stream
    await on.append([eventRow(stream, 4), eventRow({ aggregate: 'a', id: 'other' }, 1)]);
    running.processor.wake();
    await untilHandled(sink, 2999);
    expect(versionsOf(await sink.rows())).toEqual([1]);
    const [parked, ...none] = await on.subscriptions.parked('views');
    expect(none).toEqual([]);
    expect(parked).toMatchObject({
      ...stream,
      version: 2,
      type: 'happened',
      attempts: 2,
      error: { message: 'poison', code: 'POISON' },
      resolved: undefined,
    });
    expect(running.told).toEqual([
      expect.stringContaining('views cannot handle a/s0500 at version 2'),
    ]);
    expect(running.processor.statuses[0]).toMatchObject({ state: 'live', parked: 1 });

    // Tried again in vain, it stays where it is.
    await on.subscriptions.askRetry('views', stream, ops);
    running.processor.poke();
    await eventually(async () =>
      expect((await on.subscriptions.parked('views'))[0]!.attempts).toBe(3),
    );
    expect(await sink.rows()).toHaveLength(2999);

    poison.isMended = true;
    expect(await on.subscriptions.askRetry('views', stream, ops)).toBe(true);
    running.processor.poke();
    await untilHandled(sink, 3002);
    expect(versionsOf(await sink.rows())).toEqual([1, 2, 3, 4]);
    expect((await sink.rows()).filter((row) => row.late).map((row) => row.version)).toEqual([
      2, 3, 4,
    ]);
    expect((await on.subscriptions.parked('views'))[0]).toMatchObject({
      resolved: 'retried',
      resolvedBy: 'Ada',
      resolvedWhy: 'mended',
    });
    await on.append([eventRow(stream, 5)]);
    running.processor.wake();
    await untilHandled(sink, 3003);
    await eventually(() => expect(running.processor.statuses[0]!.parked).toBe(0));
  });

  it('is not taken for parked where that could not be stored: it comes again, before what is behind it', async () => {
    await on.append([...eventRows(stream, 1, 3), eventRow({ aggregate: 'b', id: 'x' }, 1)]);
    const { poison, sink } = await poisoned('unparked', 2);
    const { rollback } = PostgresBatch.prototype;
    const [commit, ending] = [
      vi.spyOn(PostgresBatch.prototype, 'commit'),
      vi.spyOn(PostgresBatch.prototype, 'rollback'),
    ];
    const park = vi.spyOn(PostgresBatch.prototype, 'park');
    park.mockImplementationOnce(async () => {
      poison.isMended = true;
      commit.mockRejectedValueOnce(new StoreUnavailable('the database went away'));
      // An operator changes something else at once: as many changes as there would have been.
      ending.mockImplementationOnce(async function (this: PostgresBatch) {
        await rollback.call(this);
        await on.db.query(
          `UPDATE ${on.own.schema}.subscriptions SET parked_changes = parked_changes + 1`,
        );
      });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    on.run([poison]);
    await untilHandled(sink, 4);
    expect(versionsOf(await sink.rows())).toEqual([1, 2, 3]);
    expect(await on.subscriptions.parked('unparked')).toEqual([]);
    expect(park).toHaveBeenCalledTimes(1);
  });

  it('is left out for good when it is skipped, on the record, and the rest of its stream follows', async () => {
    await on.append([...eventRows(stream, 1, 5), ...eventRows({ aggregate: 'b', id: 'x' }, 1, 5)]);
    const { poison, sink } = await poisoned('skipped', 2);
    const running = on.run([poison]);
    await untilHandled(sink, 6);
    expect(await on.subscriptions.skip('skipped', stream, { who: 'Bob', why: 'a test' })).toBe(
      true,
    );
    expect(await on.subscriptions.skip('skipped', { ...stream, id: 'none' }, ops)).toBe(false);
    running.processor.poke();
    await untilHandled(sink, 9);
    expect(versionsOf(await sink.rows())).toEqual([1, 3, 4, 5]);
    expect(
      (await on.subscriptions.parked('skipped')).map(({ version, resolved, resolvedBy }) => [
        ...[version, resolved, resolvedBy],
      ]),
    ).toEqual(
      [
        [2, 'skipped', 'Bob'],
        [3, 'retried', null],
      ].map(([v, r, who]) => [v, r, who ?? undefined]),
    );
  });

  it('behind another one is parked in its place when the first is mended', async () => {
    await on.append(eventRows(stream, 1, 6));
    const { poison, sink } = await poisoned('two', 2, 5);
    const running = on.run([poison]);
    await eventually(async () => expect(await on.subscriptions.parked('two')).toHaveLength(1));
    poison.heal(2);
    await on.subscriptions.askRetry('two', stream, ops);
    running.processor.poke();
    await untilHandled(sink, 4);
    await eventually(async () =>
      expect(
        (await on.subscriptions.parked('two')).filter((p) => !p.resolved).map((p) => p.version),
      ).toEqual([5]),
    );
    expect(versionsOf(await sink.rows())).toEqual([1, 2, 3, 4]);
  });
});

describe('an event', () => {
  it('that cannot be read parks its stream as one that cannot be handled', async () => {
    await on.append([
      eventRow({ aggregate: 'parcel', id: 'p' }, 1, { type: 'unheardOf' }),
      eventRow({ aggregate: 'parcel', id: 'q' }, 1, {
        type: 'moved',
        schemaVersion: 2,
        data: '{"to":"x"}',
      }),
    ]);
    const sink = await on.sink('reads');
    on.run([sink]);
    await untilHandled(sink, 1);
    expect(await on.subscriptions.parked('reads')).toMatchObject([
      { id: 'p', error: { code: 'StreamUnreadable' } },
    ]);
  });

  it('is not parked because the database was away', async () => {
    await on.append(manyRows('a', 1, 1));
    const sink = await on.sink('away');
    let failures = 5; // more than it is tried where it is its own fault
    const cut: Consumer = {
      ...sink,
      async handle(events, tx) {
        if (failures-- > 0) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
        await sink.handle(events, tx);
      },
    };
    on.run([cut]);
    await untilHandled(sink, 1);
    expect(await on.subscriptions.parked('away')).toEqual([]);
  });

  it('whose handler never ends is parked, and holds up nobody', async () => {
    await on.append(manyRows('a', 3, 1));
    const sink = await on.sink('hangs');
    const hangs: Consumer = {
      ...sink,
      async handle(events, tx) {
        if (events.some((event) => event.id === 's0001')) await new Promise(() => undefined);
        await sink.handle(events, tx);
      },
    };
    on.run([hangs], { leaseMs: 300 });
    await untilHandled(sink, 2);
    expect(await on.subscriptions.parked('hangs')).toMatchObject([{ id: 's0001' }]);
  });

  it('whose failed statement was swallowed is not taken for handled', async () => {
    await on.append(manyRows('a', 2, 1));
    const sink = await on.sink('swallows');
    const swallows: Consumer = {
      ...sink,
      async handle(events, tx) {
        await sink.handle(events, tx);
        if (events.some((event) => event.id === 's0000'))
          await tx.query('SELECT no_such_thing').catch(() => undefined);
      },
    };
    on.run([swallows]);
    await untilHandled(sink, 1);
    expect((await sink.rows())[0]!.id).toBe('s0001');
    expect(await on.subscriptions.parked('swallows')).toMatchObject([{ id: 's0000' }]);
  });
});

describe('H34 who waits for a position', () => {
  it('is told that the event there is parked, or waits behind a parked one', async () => {
    await on.append([...eventRows(stream, 1, 3), ...eventRows({ aggregate: 'b', id: 'x' }, 1, 1)]);
    const { poison, sink } = await poisoned('waited', 2);
    on.run([poison]);
    await untilHandled(sink, 2);
    const at = (position: number) => on.subscriptions.reached('waited', position);
    expect(await at(1)).toEqual({ position: 4, parked: undefined });
    expect(await at(2)).toMatchObject({ parked: { version: 2 } });
    expect(await at(3)).toMatchObject({ parked: { version: 2 } });
    expect(await at(4)).toEqual({ position: 4, parked: undefined });
    expect(await on.subscriptions.reached('none', 4)).toBeUndefined();
  });
});

interface Poison extends Consumer {
  isMended: boolean;
  heal(version: number): void;
}

/** A consumer that cannot handle some versions of `stream` until it is mended. */
async function poisoned(
  name: string,
  ...versions: number[]
): Promise<{ poison: Poison; sink: Consumer & Sink }> {
  const sink = await on.sink(name);
  const bad = new Set(versions);
  const refuse = (events: readonly FeedEvent[]): void => {
    const found = events.find((e) => e.id === stream.id && bad.has(e.version));
    if (found && !poison.isMended) throw Object.assign(new Error('poison'), { code: 'POISON' });
  };
  const poison: Poison = {
    ...sink,
    isMended: false,
    heal: (version) => void bad.delete(version),
    async handle(events, tx) {
      await sink.handle(events, tx); // rolled back if it fails later
      refuse(events);
    },
    async handleLate(events, tx) {
      refuse(events);
      await sink.handleLate?.(events, tx);
    },
  };
  return { poison, sink };
}

function versionsOf(rows: Awaited<ReturnType<Sink['rows']>>): number[] {
  return rows.filter((row) => row.id === stream.id).map((row) => row.version);
}
