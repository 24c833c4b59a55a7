import { describe, expect, it } from 'vitest';
import { account, transfer } from '../../examples/transfer/domain.js';
import { moneyTransfer } from '../../examples/transfer/money-transfer.js';
import { startOn } from '../examples/origins/start.js';
import { collect } from '../support/collect.js';

const domain = { account, transfer, moneyTransfer };

async function withAccounts() {
  const runtime = await startOn(domain);
  const accounts = runtime.aggregate(account);
  for (const id of ['mia', 'ben']) {
    await accounts.create({ type: 'open', data: { owner: id } }, { id });
    await accounts.send(id, { type: 'deposit', data: { cents: 1000 } });
  }
  const transfers = runtime.aggregate(transfer);
  const balanceOf = async (id: string) => (await accounts.state(id))?.state.balance;
  return { runtime, accounts, transfers, balanceOf, sagas: runtime.saga(moneyTransfer) };
}

describe('a saga in a runtime', () => {
  it('sends commands and hears what became of them', async () => {
    const { transfers, sagas, balanceOf, runtime } = await withAccounts();
    const data = { from: 'mia', to: 'ben', cents: 300 };
    await transfers.create({ type: 'request', data }, { id: 't' });
    await transfers.send('t', { type: 'confirm', data: {} });
    const done = await sagas.waitFor('t', 'done');
    expect(done).toMatchObject({ status: 'done', value: 'done', commands: {} });
    expect([await balanceOf('mia'), await balanceOf('ben')]).toEqual([700, 1300]);
    const steps = await collect(sagas.history('t'));
    expect(steps.map(({ input }) => input.kind)).toEqual(['event', 'event', 'outcome', 'outcome']);
    await runtime.waitFor('saga-money-transfer', steps.at(-1)?.position ?? 0);
    const { items } = await sagas.list({ where: { status: 'done' } });
    expect(items).toMatchObject([{ id: 't', value: 'done' }]);
  });

  it('compensates', async () => {
    const { accounts, transfers, sagas, balanceOf } = await withAccounts();
    await accounts.send('ben', { type: 'close', data: {} });
    const data = { from: 'mia', to: 'ben', cents: 300 };
    await transfers.create({ type: 'request', data }, { id: 't' });
    await transfers.send('t', { type: 'confirm', data: {} });
    expect(await sagas.waitFor('t', 'done')).toMatchObject({ value: 'refunded' });
    expect([await balanceOf('mia'), await balanceOf('ben')]).toEqual([1000, 1000]);
  });
});
