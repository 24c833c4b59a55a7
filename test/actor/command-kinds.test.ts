import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant, open } from '../support/account.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('create, upsert and plain commands', () => {
  it('runs a create command on a new stream only', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    expect(await accounts.send(id, open)).toMatchObject({ version: 1 });
    await expect(accounts.send(id, open)).rejects.toMatchObject({
      outcome: 'rejected',
      code: 'ACCOUNT_ALREADY_EXISTS',
      shortCode: 'AlreadyExists',
      number: 1000,
      status: 409,
      details: { aggregate: 'account', id },
    });
    expect(await shards.log(id)).toHaveLength(1);
  });

  it('runs a plain command on an existing stream only', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await expect(accounts.send(id, deposit(1))).rejects.toMatchObject({
      outcome: 'rejected',
      code: 'ACCOUNT_NOT_FOUND',
      shortCode: 'NotFound',
      number: 1000,
      status: 404,
      details: { aggregate: 'account', id },
    });
    await accounts.send(id, open);
    expect(await accounts.send(id, deposit(1))).toMatchObject({ version: 2 });
  });

  it('runs an upsert command on both', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    expect(await accounts.send(id, grant(1))).toMatchObject({ version: 1 });
    expect(await accounts.send(id, grant(2))).toMatchObject({ version: 2 });
  });

  it('answers a no-op with the unchanged version and the position of the last event', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const { version, position } = await accounts.send(id, grant(1));
    const receipt = await accounts.send(id, check);
    expect(receipt).toMatchObject({ version, position, events: [], deduplicated: false });
  });

  it('keeps no actor for a stream that does not exist', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    await accounts.trySend(shards.id(), deposit(1));
    expect(await accounts.state(shards.id())).toBeUndefined();
    expect(one.actorCount).toBe(0);
  });
});
