import { describe, expect, it } from 'vitest';
import { account, deposit, grant } from '../support/account.js';
import { fails } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H03 rows with our command id that are not ours', () => {
  it('H03 are the truth: answer and state come from the log, not from what was decided here', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    // Another process decided the same command otherwise: two events, other amounts.
    one.store.next('append', async (call) => {
      const given = { commandId: 'mine', data: '{"cents":30}' };
      await shards.insert(id, 2, given);
      await shards.insert(id, 3, given);
      return fails('ambiguous')(call);
    });
    const receipt = await accounts.send(id, deposit(5), { commandId: 'mine', state: true });
    expect(receipt).toMatchObject({
      ...{ version: 3, state: { balance: 61 } },
      events: [{ data: { cents: 30 } }, { data: { cents: 30 } }],
    });
    expect(await accounts.state(id)).toMatchObject({ version: 3, state: { balance: 61 } });
    expect(await shards.log(id)).toHaveLength(3);
  });

  it('H03 answer a command that lost its version to them in a plain conflict too', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2, { commandId: 'mine', data: '{"cents":30}' });
    const receipt = await accounts.send(id, deposit(5), { commandId: 'mine' });
    expect(receipt).toMatchObject({ version: 2, events: [{ data: { cents: 30 } }] });
    expect(await shards.log(id)).toHaveLength(2);
  });
});
