import { AssertionError } from 'node:assert';
import { defineHandler, defineView } from 'troupe';
import { givenHandler, givenProjection, givenView, stored } from 'troupe/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { openings } from '../../examples/bank/openings.js';
import { owners } from '../../examples/bank/owners.js';
import { welcome } from '../../examples/bank/welcome.js';
import type { Sql } from '../../src/store/sql.js';
import { purse, totals } from '../projection/support/ledger.js';
import { postgresTables } from '../projection/support/tables-under-test.js';

const opened = { type: 'opened', id: 'a', data: { owner: 'mia' } } as const;
const booked = { type: 'booked', id: 't', data: { from: 'a', to: 'b', cents: 4 } } as const;

describe('given events, a view', () => {
  it('holds these documents', () => {
    givenView(totals, [opened, booked])
      .thenKeys(['a', 'b'])
      .thenDocument('a', { owner: 'mia', cents: -4, moves: ['transfer t'] })
      .thenDocument('b', (document) => expect(document.cents).toBe(4))
      .thenNoDocument('t');
  });

  it('fails the test for a document that is another one, is missing, or is there', () => {
    const some = givenView(totals, [opened]);
    expect(() => some.thenDocument('a', { owner: 'eve', cents: 0, moves: [] })).toThrow(
      AssertionError,
    );
    expect(() => some.thenDocument('b', () => undefined)).toThrow(
      /"b" is not there; there are \["a"\]/,
    );
    expect(() => some.thenNoDocument('a')).toThrow(/expected no document "a"/);
    expect(() => some.thenKeys(['a', 'b'])).toThrow(/its keys/);
  });

  it('fails the test for events that their aggregates could not have written', () => {
    expect(() => givenView(totals, [{ type: 'put', data: { cents: 'much' } } as never])).toThrow(
      /given\(purse\): events\[0\] \(put\)/,
    );
    expect(() => givenView(totals, [{ type: 'burnt', data: {} } as never])).toThrow(
      /events\[0\] \(no aggregate, burnt\): expected one of purse\.opened/,
    );
  });

  it('finds what is not pure', () => {
    let calls = 0;
    const impure = defineView({
      ...{ name: 'impure', version: 1, on: [purse], key: () => 'x', initial: { calls: 0 } },
      evolve: () => ({ calls: ++calls }),
    });
    expect(() => givenView(impure, [opened])).toThrow(/must be pure/);
  });

  it('takes events as older releases have stored them', () => {
    givenView(totals, [
      { aggregate: 'purse', id: 'a', stored: stored('put', { cents: 3 }) },
    ]).thenDocument('a', (it) => expect(it.cents).toBe(3));
  });
});

describe('given events, a handler', () => {
  it('sends these commands, or none', async () => {
    const sent = {
      aggregate: 'account',
      id: 'a',
      command: { type: 'deposit', data: { cents: 500 } },
    };
    await givenHandler(welcome, [opened]).thenCommands([sent]);
    await givenHandler(welcome, [{ type: 'deposited', data: { cents: 1 } }]).thenNothing();
    await expect(givenHandler(welcome, [opened]).thenNothing()).rejects.toThrow(
      /handler welcome: its commands/,
    );
  });

  it('gets the answers that the test gives', async () => {
    const answer = () => {
      throw new Error('refused');
    };
    await expect(givenHandler(welcome, [opened], { answer }).thenNothing()).rejects.toThrow(
      'refused',
    );
  });

  it('fails the test if it sends something else the second time', async () => {
    let runs = 0;
    const fickle = defineHandler({
      ...{ name: 'fickle', version: 1, on: [account] },
      handle: (_event, context) =>
        context.send(account, `run-${++runs}`, { type: 'deposit', data: { cents: 1 } }),
    });
    await expect(givenHandler(fickle, [opened]).thenNothing()).rejects.toThrow(
      /when it handles account\/a@1 again/,
    );
  });
});

describe('given events, a projection', () => {
  let under: Awaited<ReturnType<typeof postgresTables>>;
  beforeAll(async () => {
    under = await postgresTables();
  });
  afterAll(() => under?.stop());

  it('holds these rows', async () => {
    const first = { ...opened, occurredAt: '2024-01-01T23:30:00-01:00' } as const;
    const again = { ...opened, id: 'b', occurredAt: '2024-01-02T00:00:00Z' } as const;
    const checked = under.transaction(async (tx) => {
      const given = givenProjection(openings, [first, again], tx, under.schema);
      const query = (table: (name: string) => string) =>
        `SELECT day::text, number FROM ${table('days')}`;
      await given.thenRows(query, [{ day: '2024-01-02', number: 2 }]);
      await expect(given.thenRows(query, [])).rejects.toThrow(/projection openings: the rows/);
      throw new Error('rolled back');
    });
    await expect(checked).rejects.toThrow('rolled back');
  });

  it('that is inline gets them in one batch', async () => {
    const checked = under.transaction(async (tx) => {
      const owners = (table: (name: string) => string) => `SELECT * FROM ${table('accounts')}`;
      await givenInline(tx, [opened]).thenRows(owners, [{ owner: 'mia', account: 'a' }]);
      throw new Error('rolled back');
    });
    await expect(checked).rejects.toThrow('rolled back');
    const twice = under.transaction((tx) =>
      givenInline(tx, [opened, { ...opened, id: 'b' }]).thenRows(() => 'SELECT 1', []),
    );
    await expect(twice).rejects.toMatchObject({ code: '23505' });
  });

  type Opened = Omit<typeof opened, 'id'> & { readonly id: string };
  const givenInline = (tx: Sql, events: readonly Opened[]) =>
    givenProjection(owners, events, tx, under.schema);
});
