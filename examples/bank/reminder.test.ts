import assert from 'node:assert/strict';
import { it } from 'node:test';
import { given, testRuntime } from 'troupe/testing';
import { invoice } from './reminder.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const ISSUED = Date.UTC(2024, 1, 29, 12);

it('an invoice that is issued reminds after two weeks', async () => {
  await given(invoice, [])
    .when({ type: 'issue', data: { cents: 900 } }, { now: ISSUED })
    .thenTimers([
      {
        key: 'reminder',
        at: ISSUED + 14 * DAY_MS,
        command: { type: 'remind', data: { time: 1 } },
      },
    ]);
});

it('it reminds three times, and not once it is paid', async () => {
  await using troupe = await testRuntime({ domain: [invoice] });
  const invoices = troupe.aggregate(invoice);
  for (const id of ['late', 'good'])
    await invoices.create({ type: 'issue', data: { cents: 900 } }, { id });
  await troupe.advance(20 * DAY_MS);
  await invoices.send('good', { type: 'pay', data: {} });
  await troupe.advance(365 * DAY_MS);
  const types: Record<string, string[]> = { late: [], good: [] };
  for (const [id, seen] of Object.entries(types))
    for await (const { type } of invoices.events(id)) seen.push(type);
  assert.deepEqual(types.late, ['issued', 'reminded', 'reminded', 'reminded']);
  assert.deepEqual(types.good, ['issued', 'reminded', 'paid']);
});
