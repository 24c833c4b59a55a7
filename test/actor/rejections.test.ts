import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { account, grant, withdraw } from '../support/account.js';
import { hold } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const anything = z.any();
const list = defineAggregate({
  name: 'list',
  commands: { add: upsert(z.number()), refuse: upsert(z.string()) },
  events: { added: z.number() },
  errors: {
    SEEN: { number: 7, details: z.object({ items: z.array(z.number()) }), message: 'Seen' },
    ODD: { number: 8, details: anything, message: 'Odd' },
    PLAIN: { number: 9, message: 'Plain' },
  },
  initialState: { items: [] as number[] },
  decide: {
    add: (_state, n, { event }) => [event.added(n)],
    refuse(state, what, { reject }) {
      if (what === 'alias') reject('SEEN', state);
      if (what === 'bigint') reject('ODD', { a: [1n] });
      if (what === 'date') reject('ODD', { at: new Date(0) });
      if (what === 'undeclared') reject('GHOST' as 'PLAIN');
      if (what === 'inherited') reject('toString' as 'PLAIN');
      return reject('PLAIN');
    },
  },
  evolve: {
    added(state, n) {
      state.items.push(n);
    },
  },
});

const shards = useShards({ account, list });

describe('a rejection', () => {
  it('carries the full code and number, the status, message and details as declared', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    await accounts.send(id, grant(5));
    const expected = {
      ...{ code: 'ACCOUNT_OVERDRAWN', shortCode: 'OVERDRAWN', number: 1001, status: 409 },
      ...{ message: 'There are only 5 cents', details: { balance: 5 } },
    };
    const thrown = accounts.send(id, withdraw(6));
    await expect(thrown).rejects.toMatchObject({ outcome: 'rejected', ...expected });
    expect(await accounts.trySend(id, withdraw(6))).toEqual({
      ...{ ok: false, deduplicated: false },
      ...expected,
    });
  });

  it('has code and number of its own without a prefix, status 400 and no details by default', async () => {
    const lists = (await shards.start()).client(list);
    const result = await lists.trySend(shards.id(), { type: 'refuse', data: '' });
    expect(result).toEqual({
      ...{ ok: false, code: 'PLAIN', shortCode: 'PLAIN', number: 9, status: 400 },
      ...{ message: 'Plain', details: {}, deduplicated: false },
    });
  });

  it('tells the details as they were, whatever becomes of the state they were part of', async () => {
    const one = await shards.start();
    const lists = one.client(list);
    const id = shards.id();
    await lists.send(id, { type: 'add', data: 1 });
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const rejected = lists.trySend(id, { type: 'refuse', data: 'alias' });
    const after = lists.send(id, { type: 'add', data: 2 });
    await held.reached;
    held.release();
    expect(await rejected).toMatchObject({ ok: false, details: { items: [1] } });
    expect(await after).toMatchObject({ version: 2 });
  });

  it.each([
    ['bigint', 'bigint'],
    ['date', 'an instance of Date'],
    ['undeclared', 'list declares no error GHOST'],
    ['inherited', 'list declares no error toString'],
  ])('that cannot be made is a failure of the decider: %s', async (data, reason) => {
    const lists = (await shards.start()).client(list);
    const id = shards.id();
    for (const options of [{}, { idempotencyKey: 'key' }]) {
      await expect(lists.send(id, { type: 'refuse', data }, options)).rejects.toMatchObject({
        code: 'CommandFailed',
        message: expect.stringContaining(reason),
      });
    }
    await lists.send(id, { type: 'add', data: 1 });
  });
});
