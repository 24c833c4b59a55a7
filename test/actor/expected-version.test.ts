import type { ExpectedVersion } from 'troupe';
import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant, withdraw } from '../support/account.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('expectedVersion', () => {
  it.each<[ExpectedVersion, number]>([
    ['none', 0],
    [0, 0],
    ['exists', 2],
    [2, 2],
  ])('%s lets a command through to a stream at version %d', async (expectedVersion, version) => {
    const accounts = (await shards.start()).client(account);
    const id = await streamAt(version);
    const receipt = await accounts.send(id, grant(1), { expectedVersion });
    expect(receipt.version).toBe(version + 1);
  });

  it.each<[ExpectedVersion, number]>([
    ['none', 2],
    [0, 2],
    ['exists', 0],
    [1, 2],
    [3, 2],
  ])('%s refuses a command on a stream at version %d', async (expectedVersion, version) => {
    const accounts = (await shards.start()).client(account);
    const id = await streamAt(version);
    await expect(accounts.send(id, grant(1), { expectedVersion })).rejects.toMatchObject({
      outcome: 'refused',
      code: 'VersionConflict',
      details: { aggregate: 'account', id, expected: expectedVersion, actual: version },
    });
    expect(await shards.log(id)).toHaveLength(version);
  });

  it('counts what the commands before it have decided', async () => {
    const accounts = (await shards.start()).client(account);
    const id = await streamAt(1);
    const results = await Promise.allSettled(
      [1, 1, 2, 3].map((expectedVersion) => accounts.send(id, deposit(1), { expectedVersion })),
    );
    const states = results.map((it) => it.status === 'fulfilled');
    expect(states).toEqual([true, false, true, true]);
  });

  it('is judged again by the version that another writer left', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = await streamAt(1);
    await accounts.state(id);
    await shards.insert(id, 2);
    await expect(accounts.send(id, deposit(1), { expectedVersion: 1 })).rejects.toMatchObject({
      code: 'VersionConflict',
      details: { expected: 1, actual: 2 },
    });
    await shards.insert(id, 3);
    expect(await accounts.send(id, check, { expectedVersion: 3 })).toMatchObject({ version: 3 });
  });

  it('returns the first outcome to a repeated key, although the version has moved on', async () => {
    const accounts = (await shards.start()).client(account);
    const id = await streamAt(1);
    const options = { expectedVersion: 1, idempotencyKey: 'once' };
    const first = await accounts.send(id, deposit(5), options);
    await accounts.send(id, deposit(1));
    const again = await accounts.send(id, deposit(5), options);
    expect(again).toMatchObject({ deduplicated: true, version: 2, events: first.events });

    const rejected = { expectedVersion: 3, idempotencyKey: 'never' };
    await accounts.trySend(id, withdraw(1000), rejected);
    await accounts.send(id, deposit(1));
    const result = await accounts.trySend(id, withdraw(1000), rejected);
    expect(result).toMatchObject({ ok: false, shortCode: 'OVERDRAWN', details: { balance: 7 } });
  });

  async function streamAt(version: number): Promise<string> {
    const id = shards.id();
    for (let i = 1; i <= version; i++) await shards.insert(id, i);
    return id;
  }
});
