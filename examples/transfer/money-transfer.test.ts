import { describe, it } from 'node:test';
import { givenSaga } from 'troupe/testing';
import { moneyTransfer } from './money-transfer.js';

const requested = {
  type: 'requested',
  data: { from: 'mia', to: 'ben', cents: 500 },
} as const;
const confirmed = { type: 'confirmed', data: {} } as const;

const toAccount = (type: string, id: string) => ({
  aggregate: 'account',
  id,
  command: { type, data: { cents: 500 } },
});

describe('a money transfer', () => {
  it('waits an hour to be confirmed', () => {
    givenSaga(moneyTransfer, [requested])
      .thenHas({ state: 'waiting', commands: [], timers: [60 * 60 * 1000] })
      .when({ after: 60 * 60 * 1000 })
      .thenHas({ state: 'expired', commands: [], timers: [], status: 'done' });
  });

  it('takes the money, then gives it', () => {
    givenSaga(moneyTransfer, [requested])
      .when(confirmed)
      .thenHas({ state: 'debiting', commands: [toAccount('withdraw', 'mia')], timers: [] })
      .when({ outcome: 'account.withdraw.accepted' })
      .thenHas({ state: 'crediting', commands: [toAccount('deposit', 'ben')] })
      .when({ outcome: 'account.deposit.accepted' })
      .thenHas({ state: 'done', commands: [], status: 'done' });
  });

  it('takes nothing that is not there', () => {
    givenSaga(moneyTransfer, [requested, confirmed])
      .when({
        outcome: 'account.withdraw.rejected',
        shortCode: 'OVERDRAWN',
        details: { balance: 20 },
      })
      .thenHas({ state: 'refused', commands: [], status: 'done' });
  });

  it('gives it back if the other account is closed', () => {
    givenSaga(moneyTransfer, [requested, confirmed])
      .when({ outcome: 'account.withdraw.accepted' })
      .when({ outcome: 'account.deposit.rejected', shortCode: 'CLOSED' })
      .thenHas({ state: 'refunding', commands: [toAccount('deposit', 'mia')] })
      .when({ outcome: 'account.deposit.accepted' })
      .thenHas({ state: 'refunded', status: 'done' });
  });
});
