import { describe, expect, it } from 'vitest';
import { account, check, grant, withdraw } from '../support/account.js';
import { hold } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const key = { idempotencyKey: 'key' };

const COMMANDS = [
  ['accepted', grant(5)],
  ['accepted without events', check],
  ['rejected', withdraw(1000)],
] as const;

describe('H07 the same key in two processes', () => {
  it.each(COMMANDS)('H07 has one outcome when both decide at once: %s', async (_, command) => {
    const id = shards.id();
    await shards.insert(id, 1);
    const [a, b] = [await shards.start(), await shards.start()];
    const held = hold<'append'>();
    a.store.next('append', held.fault);
    const late = a.client(account).trySend(id, command, key);
    await held.reached; // decided by a, and its key was looked up: nothing there
    const first = await b.client(account).trySend(id, command, key);
    if (first.ok) expect(first.receipt.deduplicated).toBe(false);
    held.release();
    const second = await late;
    if (first.ok && second.ok) {
      const { version, position, events } = first.receipt;
      expect(second.receipt).toMatchObject({ version, position, events, deduplicated: true });
    } else {
      expect(second).toEqual({ ...first, deduplicated: true });
    }
    const { length } = await shards.log(id);
    expect(length).toBe(command.type === 'grant' ? 2 : 1);
  });

  it.each(COMMANDS)(
    'H07 has one outcome on actors that both have long been awake: %s',
    async (_, command) => {
      const id = shards.id();
      const both = [await shards.start(), await shards.start()];
      await both[0]!.client(account).send(id, grant(1));
      for (const one of both) await one.client(account).state(id);
      const results = await Promise.all(
        [...both, ...both].map((one) => one.client(account).trySend(id, command, key)),
      );
      expect(new Set(results.map((result) => result.ok)).size).toBe(1);
      const firsts = results.filter((result) => result.ok && !result.receipt.deduplicated);
      expect(firsts).toHaveLength(command.type === 'withdraw' ? 0 : 1);
      const { length } = await shards.log(id);
      expect(length).toBe(command.type === 'grant' ? 2 : 1);
    },
  );

  it('H07 refuses the other body of two that come at once', async () => {
    const id = shards.id();
    const [a, b] = [await shards.start(), await shards.start()];
    await a.client(account).send(id, grant(1));
    await b.client(account).state(id);
    const held = hold<'append'>();
    a.store.next('append', held.fault);
    const late = a.client(account).send(id, grant(2), key);
    await held.reached;
    await b.client(account).send(id, grant(3), key);
    held.release();
    await expect(late).rejects.toMatchObject({ code: 'KeyReused' });
    expect(await shards.log(id)).toHaveLength(2);
  });
});
