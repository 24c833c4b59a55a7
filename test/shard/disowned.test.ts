import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { isOwnedByAnother, OwnedByAnother, type Owner } from '../../src/store/ownership.js';
import { account, deposit, grant, withdraw } from '../support/account.js';
import { fails, hold } from '../support/faults.js';
import { rejection } from '../support/settling.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();
const owner: Owner = { runtimeId: randomUUID(), host: 'there', pid: 7, since: '2026-01-01' };
const notOwner = { code: 'NotOwner', outcome: 'refused', details: { owner: { pid: 7 } } };

/** From now on it is as if another process had taken the log over. */
function takeOver({ store }: ShardUnderTest): void {
  store.always('append', fails('fenced'));
  store.always('fence', () => Promise.reject(new OwnedByAnother(owner)));
}

it('O6 a shard that lost the log tells of each command in doubt whether it was stored', async () => {
  const one = await shards.start();
  const accounts = one.client(account);
  const [kept, lost] = [shards.id(), shards.id()];
  await accounts.send(lost, grant(1));
  const held = hold<'append'>();
  one.store.next('append', held.fault);
  const stored = accounts.send(kept, grant(1));
  await held.reached;
  const waiting = [accounts.send(kept, deposit(1)), accounts.send(lost, withdraw(5))];
  takeOver(one);
  // Stored before the take-over, and the answer lost.
  held.release(async ({ go }) => {
    await go();
    return { kind: 'ambiguous', cause: new Error('injected') };
  });
  expect(await stored).toMatchObject({ version: 1, deduplicated: false });
  for (const command of waiting) expect(await rejection(command)).toMatchObject(notOwner);
  expect(await shards.log(kept)).toHaveLength(1);
});

it('a shard that lost the log decides nothing any more', async () => {
  const one = await shards.start();
  const accounts = one.client(account);
  const id = shards.id();
  await accounts.send(id, grant(5));
  takeOver(one);
  expect(await rejection(accounts.send(id, deposit(1)))).toMatchObject(notOwner);
  const appends = one.store.calls('append');
  const late = [accounts.send(id, deposit(1)), accounts.send(shards.id(), grant(1))];
  for (const command of late) expect(await rejection(command)).toMatchObject(notOwner);
  expect(await rejection(accounts.state(id))).toMatchObject(notOwner);
  expect(one.store.calls('append')).toBe(appends);
  expect(one.unanswered).toBe(0);
});

it('O5 an answer without events is not given by a shard that lost the log', async () => {
  const one = await shards.start();
  const accounts = one.client(account);
  const id = shards.id();
  await accounts.send(id, grant(5));
  takeOver(one);
  expect(await rejection(accounts.send(id, withdraw(9)))).toMatchObject(notOwner);
});

it('the error names the owner, and is told by its code', () => {
  const error = new OwnedByAnother(owner);
  expect(error).toMatchObject({ code: 'NotOwner', details: { owner } });
  expect(error.message).toContain('process 7 on there');
  expect(isOwnedByAnother(error)).toBe(true);
});
