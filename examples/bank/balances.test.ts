import assert from 'node:assert/strict';
import { it } from 'node:test';
import { givenView, testRuntime } from 'troupe/testing';
import { balances } from './balances.js';
import { account } from './domain.js';

it('adds up what was paid in and out', () => {
  givenView(balances, [
    { type: 'opened', data: { owner: 'mia' }, id: 'a' },
    { type: 'deposited', data: { cents: 500 }, id: 'a' },
    { type: 'withdrawn', data: { cents: 200 }, id: 'a' },
  ]).thenDocument('a', { owner: 'mia', cents: 300, movements: 2 });
});

it('finds the richest first, page by page', async () => {
  await using troupe = await testRuntime({ domain: [account, balances] });
  const accounts = troupe.aggregate(account);
  for (const [owner, cents] of [
    ['mia', 500],
    ['ben', 70],
    ['eva', 9000],
  ] as const) {
    await accounts.create({ type: 'open', data: { owner } }, { id: owner });
    await accounts.send(owner, { type: 'deposit', data: { cents } });
  }
  const view = troupe.runtime.view(balances);

  const first = await view.find({ orderBy: { cents: 'desc' }, limit: 2 });
  assert.deepEqual(
    first.items.map(({ document }) => document.owner),
    ['eva', 'mia'],
  );
  const second = await view.find({ orderBy: { cents: 'desc' }, limit: 2, after: first.next });
  assert.deepEqual(
    second.items.map(({ document }) => document.owner),
    ['ben'],
  );
  assert.equal(second.next, undefined);

  assert.equal((await view.get('mia'))?.cents, 500);
  assert.equal(await view.count({ cents: { gte: 100 }, owner: { prefix: 'e' } }), 1);
});
