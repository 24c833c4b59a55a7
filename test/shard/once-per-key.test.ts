import { describe, expect, it } from 'vitest';
import { account, check, crash, deposit, grant, open, withdraw } from '../support/account.js';
import { hold, losesAnswer } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const key = { idempotencyKey: 'key' };

/** Each kind of outcome, and the commands that make another one of the same call later. */
const OUTCOMES = [
  ['an accepted command', grant(5), { ok: true }],
  ['a no-op', check, { ok: true }],
  ['a rejection', withdraw(1000), { ok: false, details: { balance: 10 } }],
  ['AlreadyExists', open, { ok: false, shortCode: 'AlreadyExists' }],
] as const;

describe('once per key', () => {
  it.each(OUTCOMES)('returns the first outcome again: %s', async (_, command, outcome) => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(10));
    const first = await accounts.trySend(id, command, key);
    expect(first).toMatchObject(outcome);
    await accounts.send(id, deposit(5000)); // a withdrawal would be accepted now
    const { length } = await shards.log(id);
    const again = await accounts.trySend(id, command, key);
    expect(again).toEqual(sameAs(first, again));
    expect(await shards.log(id)).toHaveLength(length);
  });

  it.each(OUTCOMES)(
    'returns the first outcome after a restart: %s',
    async (_, command, outcome) => {
      const id = shards.id();
      const before = await shards.start();
      await before.client(account).send(id, grant(10));
      const first = await before.client(account).trySend(id, command, key);
      expect(first).toMatchObject(outcome);
      await before.client(account).send(id, deposit(5000));
      await before.stop();

      const { length } = await shards.log(id);
      const after = (await shards.start()).client(account);
      const again = await after.trySend(id, command, key);
      expect(again).toEqual(sameAs(first, again));
      expect(await shards.log(id)).toHaveLength(length);
    },
  );

  it('remembers a rejection on a stream that never came to be', async () => {
    const id = shards.id();
    const before = await shards.start();
    await before.client(account).trySend(id, deposit(1), key);
    const accounts = (await shards.start()).client(account);
    await accounts.send(id, grant(1));
    expect(await accounts.trySend(id, deposit(1), key)).toMatchObject({ shortCode: 'NotFound' });
  });

  it('gives a repeated key the state as it is now', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(5), key);
    await accounts.send(id, deposit(1));
    const again = await accounts.send(id, grant(5), { ...key, state: true });
    expect(again).toMatchObject({ version: 1, deduplicated: true, state: { balance: 6 } });
  });

  it('refuses a key that was used with another body, and stores nothing', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const { commandId } = await accounts.send(id, grant(5), key);
    const others = [grant(6), deposit(5)];
    for (const other of others) {
      await expect(accounts.send(id, other, key)).rejects.toMatchObject({
        ...{ outcome: 'refused', code: 'KeyReused' },
        details: { aggregate: 'account', id, key: 'key', firstCommandId: commandId },
      });
    }
    expect(await shards.log(id)).toHaveLength(1);
    expect(await accounts.send(id, grant(5), key)).toMatchObject({ deduplicated: true });
  });

  it('takes the same key on another id for another command', async () => {
    const accounts = (await shards.start()).client(account);
    const receipts = await Promise.all(
      [shards.id(), shards.id()].map((id, i) => accounts.send(id, grant(i + 1), key)),
    );
    expect(receipts.map((receipt) => receipt.deduplicated)).toEqual([false, false]);
  });

  it('stores neither a refusal nor a failure: the same key may be sent again', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(5));
    const wrong = { ...key, expectedVersion: 7 };
    await expect(accounts.send(id, deposit(1), wrong)).rejects.toMatchObject({
      code: 'VersionConflict',
    });
    await expect(accounts.send(id, crash, key)).rejects.toMatchObject({ code: 'CommandFailed' });
    const { rows } = await shards.db.query(`SELECT FROM ${shards.schema}.outcomes WHERE id = $1`, [
      id,
    ]);
    expect(rows).toEqual([]);
    expect(await accounts.send(id, deposit(1), key)).toMatchObject({
      deduplicated: false,
      version: 2,
    });
  });

  it('returns the first outcome although the command would fail now', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await accounts.send(id, deposit(1), { ...key, expectedVersion: 1 });
    await accounts.send(id, crash).catch(() => undefined);
    const again = await accounts.send(id, deposit(1), { ...key, expectedVersion: 1 });
    expect(again).toMatchObject({ deduplicated: true, version: 2 });
  });

  it('frees a key when its outcome has expired', async () => {
    const one = await shards.start({ options: { keepOutcomesMs: 0 } });
    const accounts = one.client(account);
    const id = shards.id();
    expect(await accounts.send(id, grant(1), key)).toMatchObject({
      deduplicated: false,
      version: 1,
    });
    expect(await accounts.send(id, grant(1), key)).toMatchObject({
      deduplicated: false,
      version: 2,
    });
    expect(await accounts.send(id, grant(9), key)).toMatchObject({
      deduplicated: false,
      version: 3,
    });
    await one.shard.sweepOutcomes();
    const { rows } = await shards.db.query(`SELECT FROM ${shards.schema}.outcomes WHERE id = $1`, [
      id,
    ]);
    expect(rows).toEqual([]);
  });

  it('holds when the answer to the first commit was lost', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    one.store.next('append', losesAnswer);
    const calls = [
      accounts.send(id, grant(1), key),
      accounts.trySend(id, withdraw(9), { idempotencyKey: 'b' }),
    ];
    const [granted, rejected] = await Promise.all(calls);
    expect(granted).toMatchObject({ version: 1 });
    expect(rejected).toMatchObject({ ok: false, details: { balance: 1 } });
    await accounts.send(id, deposit(100));
    expect(await accounts.send(id, grant(1), key)).toMatchObject({
      version: 1,
      deduplicated: true,
    });
    const again = await accounts.trySend(id, withdraw(9), { idempotencyKey: 'b' });
    expect(again).toMatchObject({ ok: false, details: { balance: 1 } });
  });

  it('does not call its own outcome a repetition when the answer was lost', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    one.store.next('append', losesAnswer);
    const [noop, rejected] = await Promise.all([
      accounts.send(id, check, key),
      accounts.trySend(id, withdraw(9), { idempotencyKey: 'b' }),
    ]);
    expect(noop).toMatchObject({ version: 1, deduplicated: false });
    expect(rejected).toMatchObject({ ok: false, deduplicated: false });
    const thrown = accounts.send(id, withdraw(9), { idempotencyKey: 'b' });
    await expect(thrown).rejects.toMatchObject({ outcome: 'rejected', deduplicated: true });
  });

  it('is kept until its commit: a key whose batch failed is decided anew, not found', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2);
    const held = hold<'load'>();
    one.store.next('load', held.fault);
    const sent = accounts.send(id, deposit(1), key);
    await held.reached;
    held.release();
    expect(await sent).toMatchObject({ version: 3, deduplicated: false });
  });

  describe('a failure', () => {
    const kept = { ...key, keepsAll: true };
    const failure = (balance: number) => ({
      code: 'CommandFailed',
      message: expect.stringContaining(`a bug met a balance of ${balance}`) as string,
    });

    it('is decided anew', async () => {
      const accounts = (await shards.start()).client(account);
      const id = shards.id();
      await accounts.send(id, grant(10));
      await expect(accounts.send(id, crash, key)).rejects.toMatchObject(failure(10));
      await accounts.send(id, deposit(1));
      await expect(accounts.send(id, crash, key)).rejects.toMatchObject(failure(11));
    });

    it('of a saga is kept, across restarts', async () => {
      const id = shards.id();
      const before = await shards.start();
      await before.client(account).send(id, grant(10));
      await expect(before.client(account).send(id, crash, kept)).rejects.toMatchObject(failure(10));
      await before.client(account).send(id, deposit(1));
      await expect(before.client(account).send(id, crash, kept)).rejects.toMatchObject(failure(10));
      await before.stop();
      const after = (await shards.start()).client(account);
      await expect(after.send(id, crash, kept)).rejects.toMatchObject(failure(10));
      await expect(after.send(id, deposit(1), kept)).rejects.toMatchObject({ code: 'KeyReused' });
      expect((await after.state(id))?.state.balance).toBe(11);
    });
  });
});

/** The first result as a repetition shows it: its own command id, marked as deduplicated. */
function sameAs(first: object, again: object): object {
  if (!('receipt' in first) || !('receipt' in again)) return { ...first, deduplicated: true };
  const { commandId } = again.receipt as { commandId: string };
  return { ...first, receipt: { ...(first.receipt as object), commandId, deduplicated: true } };
}
