import { describe, expect, it } from 'vitest';
import { basket, type Line } from '../support/basket.js';
import { eventually } from '../support/eventually.js';
import { hold } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards({ basket });
const line = (price: number): Line => ({ name: 'x', price, tags: [] });
const put = (price: number) => ({ type: 'put' as const, data: [line(price)] });

describe('H15 a snapshot that comes late', () => {
  it('H15 never lowers the one that is there', async () => {
    const [slow, fast] = [await shards.start(), await shards.start()];
    const id = shards.id();
    const held = hold<'saveSnapshots'>();
    slow.store.next('saveSnapshots', held.fault);
    for (let i = 0; i < 4; i++) await slow.client(basket).send(id, put(1));
    await held.reached;
    for (let i = 0; i < 4; i++) await fast.client(basket).send(id, put(1));
    await eventually(async () => expect(await versionOf(id)).toBe(5));
    held.release(); // version 4
    await slow.stop();
    expect(await versionOf(id)).toBe(5);
    const other = await shards.start();
    expect(await other.client(basket).state(id)).toMatchObject({ version: 8, state: { total: 8 } });
  });

  it.each([
    ['of a version that the log does not hold', { version: 9 }],
    ['of another history at the same version', { commandId: 'another' }],
    ['of another stream', { id: 'another' }],
  ])('H15 is not stored if it is %s', async (_, given) => {
    const one = await shards.start();
    const id = shards.id();
    const { version, position, commandId } = await one.client(basket).send(id, put(1));
    const state = '{"lines":[],"last":null,"total":666}';
    const right = { aggregate: 'basket', id, stateVersion: 1, version, position, commandId, state };
    await one.store.saveSnapshots([{ ...right, ...given }]);
    expect(await versionOf(id)).toBeUndefined();
    const other = await shards.start();
    expect(await other.client(basket).state(id)).toMatchObject({ version: 1, state: { total: 1 } });
    await one.store.saveSnapshots([right]);
    expect(await versionOf(id)).toBe(1);
  });

  async function versionOf(id: string): Promise<number | undefined> {
    const { rows } = await shards.db.query<{ version: string }>(
      `SELECT version FROM ${shards.schema}.snapshots WHERE id = $1`,
      [id],
    );
    return rows[0] && Number(rows[0].version);
  }
});
