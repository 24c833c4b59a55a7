import { describe, expect, it } from 'vitest';
import { account, check, deposit, grant } from '../support/account.js';
import { hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('a stream that this code cannot read', () => {
  it.each([
    ['an event of an unknown type', { type: 'mortgaged' }, 'account has no event mortgaged'],
    ['an event with an inherited name', { type: 'toString' }, 'account has no event toString'],
    ['a newer schema version', { schemaVersion: 2 }, 'unknown schema version 2'],
    ['an event that evolve chokes on', { data: 'null' }, 'Cannot destructure'],
  ])('answers StreamUnreadable and names the event: %s', async (_, given, reason) => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await shards.insert(id, 1);
    await shards.insert(id, 2, given);
    const type = 'type' in given ? given.type : 'deposited';
    const refusal = {
      outcome: 'refused',
      code: 'StreamUnreadable',
      message: expect.stringContaining(
        `account/${id} cannot be read at version 2 (${type}): ${reason}`,
      ),
      details: { aggregate: 'account', id, version: 2, type },
    };
    await expect(accounts.send(id, deposit(1))).rejects.toMatchObject(refusal);
    await expect(accounts.state(id)).rejects.toMatchObject(refusal);
    await accounts.send(shards.id(), grant(1));
    expect(await shards.log(id)).toHaveLength(2);
    expect(one.notices).toMatchObject([{ kind: 'warning' }, { kind: 'warning' }]);
    expect(one.actorCount).toBe(1);
  });

  it('is one with a hole in its versions', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    for (const version of [1, 2, 4]) await shards.insert(id, version);
    await expect(accounts.send(id, check)).rejects.toMatchObject({
      code: 'StreamUnreadable',
      message: `account/${id} cannot be read at version 4 (deposited): the event before it is version 2`,
    });
  });

  it('is one that does not start at version 1', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await shards.insert(id, 2);
    await expect(accounts.send(id, check)).rejects.toMatchObject({ code: 'StreamUnreadable' });
  });

  it('is noticed by a live actor too, and served again once it can be read', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    await shards.insert(id, 2, { type: 'mortgaged' });
    const refused = await Promise.allSettled([
      accounts.send(id, deposit(1)),
      accounts.send(id, check),
    ]);
    expect(refused.map((it) => it.status === 'rejected' && it.reason.code)).toEqual([
      'StreamUnreadable',
      'StreamUnreadable',
    ]);
    await repair(id);
    expect(await accounts.send(id, deposit(1))).toMatchObject({ version: 3 });
  });

  it('has one actor still, when a command waits there that had joined a refused one', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await shards.insert(id, 1, { type: 'mortgaged' });
    const held = hold<'load'>();
    one.store.next('load', (call) => call.go(), held.fault);
    const calls = [1, 2].map(() => watch(accounts.send(id, deposit(1), { idempotencyKey: 'key' })));
    await held.reached;
    await turns();
    expect(calls.map((call) => call.settled)).toEqual([true, false]);
    expect(one.actorCount).toBe(1);
    held.release();
    await expect(calls[1]?.promise).rejects.toMatchObject({ code: 'StreamUnreadable' });
    expect(one.actorCount).toBe(0);
  });

  /** As an operator might, who knows what they do. */
  async function repair(id: string): Promise<void> {
    const events = `${shards.schema}.events`;
    await shards.db.query(`ALTER TABLE ${events} DISABLE TRIGGER refuse_change`);
    await shards.db.query(`UPDATE ${events} SET type = 'deposited' WHERE id = $1`, [id]);
    await shards.db.query(`ALTER TABLE ${events} ENABLE ALWAYS TRIGGER refuse_change`);
  }
});
