import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testRuntime } from 'troupe/testing';
import { balances } from './balances.js';
import { account } from './domain.js';

it('shows what was just written', async () => {
  await using troupe = await testRuntime({ domain: [account, balances] });
  const { runtime } = troupe;
  const accounts = runtime.aggregate(account);

  // With the command ...
  const opened = { type: 'open', data: { owner: 'mia' } } as const;
  const { id } = await accounts.create(opened, { waitFor: [balances], waitForTimeoutMs: 2000 });
  assert.equal((await runtime.view(balances).get(id))?.owner, 'mia');

  // ... or later, with the position of its receipt, in this process or in another.
  const { position } = await accounts.send(id, { type: 'deposit', data: { cents: 500 } });
  await runtime.view(balances).waitFor(position, { timeoutMs: 2000 });
  assert.equal((await runtime.view(balances).get(id))?.cents, 500);
});
