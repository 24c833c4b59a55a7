import { describe, expect, it } from 'vitest';
import { account, check, crash, deposit, grant, withdraw } from '../support/account.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H09 an answer without events on a state that another process has changed', () => {
  it('H09 is not given: a withdrawal is judged by the balance that the other left', async () => {
    const { here, there, id } = await both();
    await there.send(id, deposit(90));
    expect(await here.trySend(id, withdraw(50))).toMatchObject({ ok: true });
    await there.send(id, withdraw(45));
    expect(await here.trySend(id, withdraw(50))).toMatchObject({
      ok: false,
      details: { balance: 5 },
    });
  });

  it('H09 is not given to a query', async () => {
    const { here, there, id } = await both();
    const { position } = await there.send(id, deposit(1));
    expect(await here.state(id)).toEqual({
      state: { owner: '', balance: 11 },
      version: 2,
      position,
    });
  });

  it('H09 is not given to a no-op', async () => {
    const { here, there, id } = await both();
    const { position } = await there.send(id, deposit(1));
    expect(await here.send(id, check)).toMatchObject({ version: 2, position });
  });

  it('H09 is not given as a failure', async () => {
    const { here, there, id } = await both();
    await there.send(id, deposit(1));
    await expect(here.send(id, crash)).rejects.toMatchObject({
      message: expect.stringContaining('of 11'),
    });
  });

  it('H09 is not given about a stream that the other has just started', async () => {
    const [here, there] = [
      (await shards.start()).client(account),
      (await shards.start()).client(account),
    ];
    const id = shards.id();
    expect(await here.state(id)).toBeUndefined();
    await there.send(id, grant(1));
    expect(await here.state(id)).toMatchObject({ version: 1 });
    expect(await here.trySend(id, deposit(1))).toMatchObject({ ok: true });
  });

  it('H09 is checked against the head in the moment of the commit', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    one.store.next('append', async ({ go }) => {
      await shards.insert(id, 2, { data: '{"cents":90}' }); // after the decision, before the statement
      return go();
    });
    expect(await accounts.trySend(id, withdraw(50))).toMatchObject({ ok: true });
  });

  /** An account of 10 cents that two processes have in memory. */
  async function both() {
    const [here, there] = [
      (await shards.start()).client(account),
      (await shards.start()).client(account),
    ];
    const id = shards.id();
    await here.send(id, grant(10));
    await there.state(id);
    return { here, there, id };
  }
});
