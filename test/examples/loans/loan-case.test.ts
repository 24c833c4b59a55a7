import { describe, expect, it } from 'vitest';
import { readLoanCases } from '../../../examples/loans/loan-case.js';
import { event, log, logFile, useLogFiles } from './xes/log-files.js';

useLogFiles();

const attribute = (key: string, value: string) => `<string key="${key}" value="${value}"/>\n`;
const name = attribute('concept:name', '17');
const date = attribute('REG_DATE', '2024-02-01T10:00:00.125+01:00');

async function firstCase(attributes: string) {
  const path = await logFile(log(`<trace>\n${attributes}${event('A_SUBMITTED')}</trace>`));
  for await (const loanCase of readLoanCases(path)) return loanCase;
  return undefined;
}

describe('a case of the loan log', () => {
  it('has an amount and a registration instant', async () => {
    expect(await firstCase(attribute('AMOUNT_REQ', '20000') + name + date)).toMatchObject({
      id: '17',
      amount: 20_000,
      registeredAt: '2024-02-01T09:00:00.125Z',
      events: [{ activity: 'A_SUBMITTED', index: 0, line: 6 }],
    });
  });

  it.each(['UNKNOWN', '', '-5', '12.5', '1e5', '99999999999999999999'])(
    'takes %j for no amount',
    async (amount) => {
      const reading = firstCase(name + date + attribute('AMOUNT_REQ', amount));
      await expect(reading).rejects.toMatchObject({ code: 'BAD_AMOUNT', line: 5 });
    },
  );

  it('needs an amount and a date', async () => {
    const amount = attribute('AMOUNT_REQ', '1');
    await expect(firstCase(name + date)).rejects.toMatchObject({
      code: 'MISSING_ATTRIBUTE',
      line: 2,
    });
    await expect(firstCase(name + amount)).rejects.toMatchObject({
      code: 'MISSING_ATTRIBUTE',
      line: 2,
    });
    const badDate = attribute('REG_DATE', 'soon');
    await expect(firstCase(name + amount + badDate)).rejects.toMatchObject({
      code: 'BAD_DATE',
      line: 5,
    });
  });
});
