import assert from 'node:assert/strict';
import { it } from 'node:test';
import { conflict, losesAnswer, once, testRuntime } from 'troupe/testing';
import { account } from './domain.js';

it('books a deposit once, whatever happens on the way', async () => {
  await using troupe = await testRuntime({
    domain: [account],
    faults: { append: [once(conflict), once(losesAnswer)] },
  });
  const accounts = troupe.aggregate(account);
  await accounts.create({ type: 'open', data: { owner: 'mia' } }, { id: 'a' });

  troupe.faults.next('append', losesAnswer);
  const deposit = { type: 'deposit', data: { cents: 500 } } as const;
  await accounts.send('a', deposit, { idempotencyKey: 'payment-17' });
  const again = await accounts.send('a', deposit, { idempotencyKey: 'payment-17' });

  assert.equal(again.deduplicated, true);
  assert.equal((await accounts.state('a'))?.state.balance, 500);
});

it('loads an account again that has left memory', async () => {
  await using troupe = await testRuntime({ domain: [account], idleMs: 60_000 });
  const accounts = troupe.aggregate(account);
  await accounts.create({ type: 'open', data: { owner: 'mia' } }, { id: 'a' });

  troupe.clock.advance(1000); // nothing to do: it is put aside
  troupe.clock.advance(60_000); // and leaves memory
  assert.equal((await accounts.state('a'))?.state.owner, 'mia');
});
