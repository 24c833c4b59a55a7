import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant, withdraw } from '../support/account.js';
import { losesAnswer, losesStatement } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const rejectedAt = (balance: number) => ({
  ok: false,
  shortCode: 'OVERDRAWN',
  details: { balance },
});

describe('a command without events, in a batch of which nobody knows the end', () => {
  it.each([
    ['a command', {}],
    ['one with a key', { idempotencyKey: 'key' }],
  ])('keeps the answer made before the later ones that were stored: %s', async (_, options) => {
    const { one, accounts, id, position } = await opened();
    one.store.next('append', losesAnswer);
    const [early, seen, noop, stored, between, seenBetween, last, tail] = await Promise.all([
      accounts.trySend(id, withdraw(6), options),
      accounts.state(id),
      accounts.send(id, check),
      accounts.send(id, deposit(10)),
      accounts.trySend(id, withdraw(16)),
      accounts.state(id),
      accounts.send(id, deposit(1)),
      accounts.trySend(id, withdraw(17)),
    ]);
    expect(early).toMatchObject(rejectedAt(5));
    expect(seen).toEqual({ state: { owner: '', balance: 5 }, version: 1, position });
    expect(noop).toMatchObject({ version: 1, position, events: [], deduplicated: false });
    expect(stored.version).toBe(2);
    expect(between).toMatchObject(rejectedAt(15));
    expect(seenBetween).toMatchObject({ version: 2, position: stored.position });
    expect(last.version).toBe(3);
    expect(tail).toMatchObject(rejectedAt(16));
    expect(one.unanswered).toBe(0);
  });

  it('is decided again where none of them was stored', async () => {
    const { one, accounts, id } = await opened();
    one.store.next('append', async (call) => {
      await shards.insert(id, 2);
      return losesStatement(call);
    });
    const [early, stored] = await Promise.all([
      accounts.trySend(id, withdraw(6)),
      accounts.send(id, deposit(10)),
    ]);
    expect(early).toMatchObject({ ok: true, receipt: { version: 3 } });
    expect(stored.version).toBe(4);
  });

  it.each([
    ['other data', { data: '{"cents":11}' }, { ok: true }],
    ['another type', { type: 'withdrawn' }, rejectedAt(-5)],
    ['another id', { commandId: 'foreign' }, { ok: true }],
  ])('is decided again where another writer decided it otherwise: %s', async (_, given, answer) => {
    const { one, accounts, id } = await opened();
    one.store.next('append', async (call) => {
      await shards.insert(id, 2, { commandId: 'same', data: '{"cents":10}', ...given });
      return losesStatement(call);
    });
    const [early] = await Promise.all([
      accounts.trySend(id, withdraw(12)),
      accounts.send(id, deposit(10), { commandId: 'same' }),
    ]);
    expect(early).toMatchObject(answer);
  });

  async function opened() {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const { position } = await accounts.send(id, grant(5));
    return { one, accounts, id, position };
  }
});
