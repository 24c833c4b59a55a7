import { describe, expect, it } from 'vitest';
import { account, grant } from '../support/account.js';
import { fails, unavailable } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('a database that cannot serve', () => {
  it('is tried again until the batch is stored, and told once when it fails and when it goes on', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', fails('unavailable'), fails('unavailable'), fails('unavailable'));
    const receipts = await Promise.all([1, 2, 3].map((n) => accounts.send(id, grant(n))));
    expect(receipts.map((receipt) => receipt.version)).toEqual([1, 2, 3]);
    expect(one.notices.map((notice) => notice.kind)).toEqual(['degraded', 'recovered']);
    expect(one.store.calls('fence')).toBe(0);
  });

  it('is waited for where the guilty of a conflict are to be found', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2);
    one.store.next('heads', unavailable, unavailable);
    expect(await accounts.send(id, grant(1))).toMatchObject({ version: 3 });
  });

  it('is waited for where the epoch is to be raised', async () => {
    const one = await shards.start();
    one.store.next('append', fails('ambiguous'));
    one.store.next('fence', unavailable, unavailable);
    expect(await one.client(account).send(shards.id(), grant(1))).toMatchObject({ version: 1 });
    expect(one.notices.map((notice) => notice.kind)).toEqual(['degraded', 'recovered']);
  });

  it('that is damaged refuses all of the batch and tells the operator', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    one.store.next('append', fails('broken'));
    const ids = [shards.id(), shards.id()];
    const results = await Promise.allSettled(ids.map((id) => accounts.send(id, grant(1))));
    expect(results).toMatchObject([
      { reason: { outcome: 'refused', code: 'Unavailable', message: 'injected: broken' } },
      { reason: { outcome: 'refused', code: 'Unavailable' } },
    ]);
    expect(one.notices).toMatchObject([{ kind: 'error', message: 'injected: broken' }]);
    expect(await accounts.send(ids[0] ?? '', grant(1))).toMatchObject({ version: 1 });
  });
});

describe('another server', () => {
  it('is believed in everything: what memory held is thrown away and read again', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const [lost, other] = [shards.id(), shards.id()];
    for (const cents of [1, 2, 4]) await accounts.send(lost, grant(cents));
    await loseEvent(lost, 3); // as a failover may that was not synchronous
    one.store.next('append', fails('restarted'));
    one.store.next('fence', async ({ go }) => ({ ...(await go()), incarnation: 'another server' }));
    await accounts.send(other, grant(1));
    expect(await accounts.state(lost)).toMatchObject({ version: 2, state: { balance: 3 } });
    expect(await accounts.send(lost, grant(8))).toMatchObject({ version: 3 });
  });

  it('gets no snapshot of a state that it lost', async () => {
    const one = await shards.start();
    const id = shards.id();
    await one.client(account).send(id, grant(1));
    await loseEvent(id, 1);
    const lost = { aggregate: 'account', id, stateVersion: 1, version: 1, position: 1 };
    await one.store.saveSnapshots([{ ...lost, commandId: 'lost', state: '{"balance":1}' }]);
    const other = await shards.start();
    expect(await other.client(account).state(id)).toBeUndefined();
  });

  async function loseEvent(id: string, version: number): Promise<void> {
    const events = `${shards.schema}.events`;
    await shards.db.query(`ALTER TABLE ${events} DISABLE TRIGGER refuse_change`);
    await shards.db.query(`DELETE FROM ${events} WHERE id = $1 AND version = $2`, [id, version]);
    await shards.db.query(`ALTER TABLE ${events} ENABLE ALWAYS TRIGGER refuse_change`);
  }
});
