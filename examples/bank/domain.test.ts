import { describe, it } from 'node:test';
import { given } from 'troupe/testing';
import { account } from './domain.js';

const opened = { type: 'opened', data: { owner: 'mia' } } as const;
const deposited = { type: 'deposited', data: { cents: 500 } } as const;

describe('an account', () => {
  it('gives what is in it', async () => {
    await given(account, [opened, deposited])
      .when({ type: 'withdraw', data: { cents: 200 } })
      .thenEvents([{ type: 'withdrawn', data: { cents: 200 } }])
      .thenState({ owner: 'mia', balance: 300 });
  });

  it('gives no more than that', async () => {
    await given(account, [opened, deposited])
      .when({ type: 'withdraw', data: { cents: 900 } })
      .thenRejected('OVERDRAWN', { balance: 500 });
  });

  it('must be opened first', async () => {
    await given(account, [])
      .when({ type: 'deposit', data: { cents: 100 } })
      .thenRejected('NotFound');
  });
});
