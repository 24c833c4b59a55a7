import { describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../src/store/snapshots.js';
import { basket, type Line } from '../support/basket.js';
import { hold } from '../support/faults.js';
import type { Fault } from '../support/faulty-store.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards({ basket });
const line = (price: number): Line => ({ name: 'x', price, tags: [] });
const put = (price: number) => ({ type: 'put' as const, data: [line(price)] });

describe('H14 a snapshot of an actor that always has uncommitted events', () => {
  it('H14 is taken nevertheless, and holds only what is committed at its version', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 7, maxBytes: 1024 * 1024 } } });
    const baskets = one.client(basket);
    const id = shards.id();
    const saved: SnapshotRow[] = [];
    let whileHot = 0;
    const watching: Fault<'saveSnapshots'> = ({ args: [rows], go }) => {
      saved.push(...rows);
      if (one.unanswered > 0) whileHot += 1;
      return go();
    };
    one.store.always('saveSnapshots', watching);
    // Now and then another writer is faster.
    let appends = 0;
    one.store.always('append', async ({ args: [, batch], go }) => {
      appends += 1;
      const version = batch.rows[0]?.version;
      const given = { aggregate: 'basket', type: 'put', data: JSON.stringify(line(1000)) };
      if (appends % 5 === 0 && version) await shards.insert(id, version, given);
      return go();
    });
    await Promise.all(Array.from({ length: 200 }, (_, i) => baskets.send(id, put(i))));
    await one.stop();

    expect(whileHot).toBeGreaterThan(5);
    const log = await shards.log(id, 'basket');
    for (const { version, commandId, state } of saved) {
      const lines = log.slice(0, version).map((event) => event.data);
      expect(JSON.parse(state)).toMatchObject({ lines });
      expect(commandId).toBe(log[version - 1]?.commandId);
    }
  });

  it('H14 is dropped with the events that did not commit', async () => {
    const one = await shards.start();
    const baskets = one.client(basket);
    const id = shards.id();
    for (let i = 1; i <= 3; i++) await baskets.send(id, put(i));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const due = baskets.send(id, put(4)); // version 4, a snapshot is due
    await held.reached;
    const given = { aggregate: 'basket', type: 'put', data: JSON.stringify(line(1000)) };
    await shards.insert(id, 4, given);
    held.release();
    expect(await due).toMatchObject({ version: 5 });
    await one.stop();
    const { rows } = await shards.db.query<{ version: string; state: { total: number } }>(
      `SELECT version, state FROM ${shards.schema}.snapshots WHERE id = $1`,
      [id],
    );
    expect(rows).toMatchObject([{ version: '5', state: { total: 1010 } }]);
  });
});
