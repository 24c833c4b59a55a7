import { type CommandOutcome, command, defineSaga } from 'troupe';
import { setup } from 'xstate';
import { account, transfer } from './domain.js';

interface Wish {
  from: string;
  to: string;
  cents: number;
}

type Event = { type: 'confirmed' } | CommandOutcome<typeof account, 'withdraw' | 'deposit'>;

const machine = setup({
  types: {} as { context: Wish; input: Wish; events: Event },
  actions: {
    debit: command(account, 'withdraw', ({ context: { from, cents } }) => ({
      id: from,
      data: { cents },
    })),
    credit: command(account, 'deposit', ({ context: { to, cents } }) => ({
      id: to,
      data: { cents },
    })),
    refund: command(account, 'deposit', ({ context: { from, cents } }) => ({
      id: from,
      data: { cents },
    })),
  },
  delays: { timeToConfirm: 60 * 60 * 1000 },
}).createMachine({
  id: 'money-transfer',
  context: ({ input }) => input,
  initial: 'waiting',
  states: {
    waiting: { on: { confirmed: 'debiting' }, after: { timeToConfirm: 'expired' } },
    debiting: {
      entry: 'debit',
      on: { 'account.withdraw.accepted': 'crediting', 'account.withdraw.*': 'refused' },
    },
    crediting: {
      entry: 'credit',
      on: { 'account.deposit.accepted': 'done', 'account.deposit.*': 'refunding' },
    },
    refunding: {
      entry: 'refund',
      on: { 'account.deposit.accepted': 'refunded', 'account.deposit.*': 'owed' },
    },
    done: { type: 'final' },
    expired: { type: 'final' },
    refused: { type: 'final' },
    refunded: { type: 'final' },
    owed: { type: 'final' }, // both accounts were closed meanwhile
  },
});

/** Takes money from one account to another, or leaves it where it was. */
export const moneyTransfer = defineSaga({
  name: 'money-transfer',
  version: 1,
  machine,
  on: [transfer],
  correlate: (event) => event.id,
  starts: { 'transfer.requested': (event) => event.data },
  toMachine: (event) => (event.type === 'confirmed' ? { type: 'confirmed' } : undefined),
});
