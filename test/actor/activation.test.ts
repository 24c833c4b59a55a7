import { describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { account, check, deposit, grant } from '../support/account.js';
import { hold, unavailable } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('activation', () => {
  it('loads all cold actors that are asked for in one turn by one query', async () => {
    const one = await shards.start();
    const ids = Array.from({ length: 100 }, () => shards.id());
    await Promise.all(ids.map((id) => one.client(account).send(id, grant(1))));
    expect(one.store.calls('load')).toBe(1);
    await Promise.all(ids.map((id) => one.client(account).send(id, deposit(1))));
    expect(one.store.calls('load')).toBe(1);
  });

  it('loads more than fit into one query by several', async () => {
    const one = await shards.start();
    const ids = Array.from({ length: 600 }, () => shards.id());
    const receipts = await Promise.all(ids.map((id) => one.client(account).send(id, grant(1))));
    expect(receipts.every((receipt) => receipt.version === 1)).toBe(true);
    expect(one.store.calls('load')).toBe(3);
  });

  it.each([499, 500, 501, 1300])('reads a stream of %d events to its end', async (length) => {
    const one = await shards.start();
    const id = shards.id();
    await fill(id, length);
    const state = await one.client(account).state(id);
    expect(state).toMatchObject({ version: length, state: { balance: length } });
    expect(one.store.calls('heads')).toBe(0); // not by way of a conflict
  });

  it('reads a long tail after a snapshot to its end', async () => {
    const one = await shards.start();
    const id = shards.id();
    await fill(id, 1300);
    const [head] = await one.store.heads([{ aggregate: 'account', id }]);
    await one.store.saveSnapshots([
      {
        ...{ aggregate: 'account', id, stateVersion: 1, version: 100, position: 0 },
        ...{ commandId: `command-${id}-100`, state: '{"owner":"","balance":1100}' },
      },
    ]);
    const state = await one.client(account).state(id);
    expect(state).toMatchObject({
      version: 1300,
      position: head?.position,
      state: { balance: 2300 },
    });
  });

  it('is tried again until the database can serve, and told once with the cause, and when it can', async () => {
    const one = await shards.start();
    one.store.next('load', unavailable, unavailable, unavailable);
    expect(await one.client(account).send(shards.id(), grant(1))).toMatchObject({ version: 1 });
    const once = [
      {
        ...{ kind: 'degraded', message: 'actors cannot be loaded: injected: unavailable' },
        cause: { code: 'StoreUnavailable' },
      },
      { kind: 'recovered', message: 'actors are loaded again' },
    ];
    expect(one.notices).toMatchObject(once);
    one.store.next('load', unavailable, unavailable);
    expect(await one.client(account).send(shards.id(), grant(1))).toMatchObject({ version: 1 });
    expect(one.notices).toMatchObject([...once, ...once]);
  });

  it('looks up the keys of the commands that wait, so that a repeated one is not decided', async () => {
    const one = await shards.start();
    const id = shards.id();
    const options = { idempotencyKey: 'key' };
    await one.client(account).send(id, grant(5), options);
    const other = await shards.start();
    const held = hold<'append'>();
    other.store.next('append', held.fault);
    const again = await other.client(account).send(id, grant(5), options);
    expect(again).toMatchObject({ deduplicated: true, version: 1 });
    expect(other.store.calls('append')).toBe(0);
    held.release();
    await other.client(account).send(id, check);
  });

  async function fill(id: string, length: number): Promise<void> {
    const store = shards.open();
    const writer = await store.registerWriter();
    const rows = Array.from({ length }, (_, i) =>
      eventRow({ aggregate: 'account', id }, i + 1, { type: 'deposited', data: '{"cents":1}' }),
    );
    const batch = { rows, assertions: [], outcomes: [], lockTimeoutMs: 1000 };
    expect((await store.append(writer, batch)).kind).toBe('stored');
  }
});
