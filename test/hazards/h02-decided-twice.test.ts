import { describe, expect, it } from 'vitest';
import type { AppendResult } from '../../src/store/append.js';
import { account, deposit, grant } from '../support/account.js';
import { fails, losesAnswer } from '../support/faults.js';
import type { Fault, StoreCall } from '../support/faulty-store.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H02 a command that was sent, lost and decided again', () => {
  it('H02 is found in the log and answered from there, not stored a second time', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', losesAnswer);
    const receipt = await accounts.send(id, grant(5));
    expect(await shards.log(id)).toMatchObject([{ version: 1, commandId: receipt.commandId }]);
  });

  it('H02 is not hidden by a snapshot that was taken after it', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', async (call) => {
      const result = await losesAnswer(call);
      await snapshotAt(id, 2);
      return result;
    });
    const receipt = await accounts.send(id, deposit(5));
    expect(receipt).toMatchObject({ version: 2, events: [{ data: { cents: 5 } }] });
    expect(await shards.log(id)).toHaveLength(2);
  });

  it('H02 is stored once also where the old statement was slow and the retry failed otherwise', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    const slow = slowStatement();
    one.store.next('append', slow.fault, async ({ go }) => {
      const late = await slow.arrives(); // the old backend gets its turn after the fence
      expect(late.kind).toBe('fenced');
      await shards.insert(id, 2);
      return go();
    });
    const receipt = await accounts.send(id, deposit(5));
    const log = await shards.log(id);
    expect(log.filter((event) => event.commandId === receipt.commandId)).toHaveLength(1);
    expect(log).toHaveLength(3);
  });

  it('H02 is found behind what others wrote meanwhile', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', async (call) => {
      const result = await losesAnswer(call);
      for (let version = 3; version <= 620; version++) await shards.insert(id, version);
      return result;
    });
    const receipt = await accounts.send(id, deposit(5), { timeoutMs: 60_000 });
    expect(receipt).toMatchObject({ version: 2, events: [{ data: { cents: 5 } }] });
    expect(await accounts.send(id, deposit(1))).toMatchObject({ version: 621 });
  });

  async function snapshotAt(id: string, version: number): Promise<void> {
    const store = shards.open();
    const [head] = await store.heads([{ aggregate: 'account', id }]);
    expect(head?.version).toBe(version);
    await store.saveSnapshots([{ ...head!, stateVersion: 1, state: '{"owner":"","balance":6}' }]);
  }
});

/** An append whose connection is lost while its statement is still on the way. */
function slowStatement(): { fault: Fault<'append'>; arrives(): Promise<AppendResult> } {
  let call: StoreCall<'append'> | undefined;
  return {
    fault: (lost) => {
      call = lost;
      return fails('ambiguous')(lost);
    },
    arrives: () => (call as StoreCall<'append'>).go(),
  };
}
