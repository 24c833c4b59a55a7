import { describe, expect, it } from 'vitest';
import { account, check, crash, deposit, grant, withdraw } from '../support/account.js';
import { hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('durable before done', () => {
  it('shows the event to everybody at the moment the receipt is there', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    for (let i = 1; i <= 20; i++) {
      const receipt = await accounts.send(id, grant(i));
      const seen = await shards.log(id);
      expect(seen.at(-1)).toMatchObject({ version: i, commandId: receipt.commandId });
    }
  });

  it('lets nothing out while the append is held back', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    const held = hold<'append'>();
    one.store.next('append', held.fault);

    const first = watch(accounts.send(id, deposit(5)));
    const waiting = [
      first,
      watch(accounts.trySend(id, withdraw(100))),
      watch(accounts.send(id, check)),
      watch(accounts.state(id)),
      watch(accounts.send(id, deposit(1), { expectedVersion: 7 })),
      watch(accounts.send(id, crash)),
    ];
    await held.reached;
    await turns();
    expect(await shards.log(id)).toHaveLength(1);
    expect(waiting.map((it) => it.settled)).toEqual(waiting.map(() => false));

    held.release();
    await first.promise;
    expect(await shards.log(id)).toHaveLength(2);
    const rest = await Promise.allSettled(waiting.map((it) => it.promise));
    expect(rest.slice(1)).toMatchObject([
      { value: { ok: false, details: { balance: 15 } } },
      { value: { version: 2, events: [] } },
      { value: { version: 2, state: { balance: 15 } } },
      { reason: { code: 'VersionConflict', details: { actual: 2 } } },
      { reason: { code: 'CommandFailed', message: expect.stringContaining('balance of 15') } },
    ]);
  });
});
