import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { manyRows, untilHandled, useSubscriptions, write } from './support/use-subscriptions.js';

const on = useSubscriptions();
const stateOf = (running: ReturnType<typeof on.run>) => running.processor.statuses[0]!.state;

describe('ownership of a subscription', () => {
  it('is of one process at a time: each event is handled once, and another goes on when it stops', async () => {
    const sink = await on.sink('one');
    const two = [on.run([sink]), on.run([sink])];
    await on.append(manyRows('a', 100, 10));
    await untilHandled(sink, 1000);
    await eventually(() => expect(two.map(stateOf).sort()).toEqual(['live', 'standby']));
    const owner = two.find((it) => stateOf(it) === 'live')!;
    await owner.processor.stop();
    await on.append(manyRows('b', 100, 10));
    await untilHandled(sink, 2000);
    const positions = (await sink.rows()).map((row) => row.position);
    expect(positions).toEqual(positions.map((_, i) => i + 1));
  });

  it('H38 passes on although the owner stands still in its transaction, and what that one does later is refused', async () => {
    await on.append(manyRows('a', 1, 10));
    const sink = await on.sink('frozen');
    await on.subscriptions.register(sink, { position: 0, commandId: '' });
    const claim = await on.subscriptions.claim(sink, 'the frozen one');
    if (claim.kind !== 'granted') throw new Error(claim.kind);
    const batch = await on.subscriptions.begin(claim.hold, claim.checkpoint);
    await write({ query: (text, values) => batch.query(text, values) }, sink.table, [
      { id: 'frozen', version: 1, position: 1, type: 't' } as FeedEvent,
    ]);
    on.run([sink]);
    await untilHandled(sink, 10);
    await expect(batch.lost).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await batch.rollback();
    expect((await sink.rows()).map((row) => row.id)).not.toContain('frozen');
    await expect(on.subscriptions.begin(claim.hold, claim.checkpoint)).rejects.toMatchObject({
      code: 'LeaseLost',
    });
  });

  it('H37 goes to newer code at once, and older code cannot take it back', async () => {
    const old = await on.sink('grown', { filter: { aggregates: ['a'] } });
    const first = on.run([old]);
    await on.append([eventRow({ aggregate: 'a', id: 'x' }, 1)]);
    await untilHandled(old, 1);
    const next = { ...old, version: 2, fingerprint: 'b', filter: { aggregates: ['a', 'b'] } };
    const second = on.run([next]);
    await eventually(() => expect([stateOf(first), stateOf(second)]).toEqual(['stopped', 'live']));
    expect(first.told).toEqual([
      expect.stringContaining('is run by newer code: expected version 2'),
    ]);
    await on.append([eventRow({ aggregate: 'b', id: 'x' }, 1)]);
    await untilHandled(old, 2);
    await second.processor.stop();
    await on.append([eventRow({ aggregate: 'b', id: 'x' }, 2)]);
    const third = on.run([old]);
    await eventually(() => expect(stateOf(third)).toBe('stopped'));
    expect((await on.subscriptions.find('grown'))!.checkpoint.position).toBe(2);
    on.run([next]);
    await untilHandled(old, 3);
  });

  it('is refused to code that was changed and has the same version', async () => {
    const sink = await on.sink('changed');
    const first = on.run([sink]);
    await eventually(() => expect(stateOf(first)).toBe('live'));
    await first.processor.stop();
    const second = on.run([{ ...sink, fingerprint: 'b' }]);
    await eventually(() => expect(stateOf(second)).toBe('stopped'));
    expect(second.told).toEqual([expect.stringMatching(/was changed .* Raise its version/)]);
  });

  it('survives the loss of every connection in the middle of batches, and counts are exact', async () => {
    await on.append(manyRows('a', 200, 10));
    const sink = await on.sink('cut');
    const running = on.run([sink], { batchEvents: 20 });
    for (let n = 0; n < 5; n++) {
      const before = (await sink.rows()).length;
      if (before === 2000) break;
      await on.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'troupe projection' AND query LIKE '%' || $1 || '%'`,
        [on.own.schema],
      );
      await eventually(async () => expect((await sink.rows()).length).toBeGreaterThan(before));
    }
    await untilHandled(sink, 2000);
    const positions = (await sink.rows()).map((row) => row.position);
    expect(positions).toEqual(positions.map((_, i) => i + 1));
    expect(running.processor.statuses[0]!.parked).toBe(0);
  });
});

describe('a log that was set back', () => {
  it('H33 stops a subscription that is ahead of it, loudly, until it is resumed at a position', async () => {
    await on.append(manyRows('a', 1, 10));
    const sink = await on.sink('ahead');
    const running = on.run([sink]);
    await untilHandled(sink, 10);
    await running.processor.stop();
    await rewind(6);
    // It grows past the mark again, otherwise.
    await on.append(manyRows('b', 1, 20));
    const again = on.run([sink]);
    await eventually(() => expect(stateOf(again)).toBe('stopped'));
    expect(again.told).toEqual([
      expect.stringMatching(
        /^error: The subscription ahead has handled .* position 10, .* restored/,
      ),
    ]);
    expect(await on.subscriptions.find('ahead')).toMatchObject({
      state: 'stopped',
      error: { code: 'CheckpointLost' },
    });
    expect(await sink.rows()).toHaveLength(10);
    await on.subscriptions.resume('ahead', await on.subscriptions.checkpointAt(6));
    again.processor.poke();
    await untilHandled(sink, 30);
    expect(stateOf(again)).not.toBe('stopped');
  });

  it('H33 under a running subscription is noticed before anything of it is handled', async () => {
    await on.append(manyRows('a', 1, 10));
    const sink = await on.sink('running');
    const running = on.run([sink]);
    await eventually(() => expect(stateOf(running)).toBe('live'));
    await untilHandled(sink, 10);
    await rewind(6);
    await on.append(manyRows('b', 1, 20));
    await eventually(() => expect(stateOf(running)).toBe('stopped'));
    expect(await sink.rows()).toHaveLength(10);
  });

  it('together with its checkpoint is followed anew', async () => {
    await on.append(manyRows('a', 1, 10));
    const sink = await on.sink('both');
    const running = on.run([sink]);
    await eventually(() => expect(stateOf(running)).toBe('live'));
    await untilHandled(sink, 10);
    await on.db.query('BEGIN');
    await on.db.query(
      `UPDATE ${on.own.schema}.subscriptions SET position = 6, command_id = 'command-s0000-6'`,
    );
    await on.db.query(`DELETE FROM ${sink.table} WHERE position > 6`);
    await rewind(6);
    await on.db.query('COMMIT');
    await on.append(manyRows('b', 1, 20));
    await untilHandled(sink, 26);
    expect(stateOf(running)).not.toBe('stopped');
  });

  /** Takes away the end of the log, as a restore does. */
  async function rewind(position: number): Promise<void> {
    const events = `${on.own.schema}.events`;
    await on.db.query(`ALTER TABLE ${events} DISABLE TRIGGER refuse_change`);
    await on.db.query(`DELETE FROM ${events} WHERE position > ${position}`);
    await on.db.query(`ALTER TABLE ${events} ENABLE ALWAYS TRIGGER refuse_change`);
    await on.db.query(
      `SELECT setval(pg_get_serial_sequence('${events}', 'position'), ${position})`,
    );
  }
});
