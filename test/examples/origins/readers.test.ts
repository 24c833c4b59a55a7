import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenHandler, givenView } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as accountDomain from '../../../examples/origins/account/domain.js';
import * as accountReaders from '../../../examples/origins/account/readers.js';
import * as bookDomain from '../../../examples/origins/book/domain.js';
import * as bookReaders from '../../../examples/origins/book/readers.js';
import { firstHit, hitsPerDay } from '../../../examples/origins/counter/readers.js';
import * as shopDomain from '../../../examples/origins/gift-shop/domain.js';
import * as shopReaders from '../../../examples/origins/gift-shop/readers.js';
import { accountsOfUsers } from '../../../examples/origins/user/readers.js';
import { rightsOfUser } from '../../../examples/origins/user-right/readers.js';
import { guitars } from '../../../examples/origins/users/readers.js';
import { startOn } from './start.js';

describe('the readers of eventmill', () => {
  it('a projection gets each event with its time', () => {
    givenView(hitsPerDay, [
      { type: 'incremented', data: {}, id: 'a', occurredAt: '2024-02-28T23:59:59Z' },
      { type: 'incremented', data: {}, id: 'b', occurredAt: '2024-02-29T00:00:00Z' },
      { type: 'incremented', data: {}, id: 'a', occurredAt: '2024-02-29T12:00:00Z' },
    ])
      .thenDocument('2024-02-28', { hits: 1 })
      .thenDocument('2024-02-29', { hits: 2 });
  });

  it('DispatchEvent: a handler may send a command', async () => {
    await givenHandler(firstHit, [{ type: 'started', data: {}, id: 'c' }]).thenCommands([
      { aggregate: 'counter', id: 'c', command: { type: 'increment', data: {} } },
    ]);
  });
});

describe('the readers of event_sourcing.rs', () => {
  const sold = { type: 'bought', data: { copies: 7, cents: 70_00n }, id: 'b' } as const;

  it('eventual_view: what is left, with what was brought back', () => {
    givenView(bookReaders.shelf, [
      sold,
      { type: 'returned', data: { copies: 2 }, id: 'b' },
    ]).thenDocument('b', { leftover: 5 });
  });

  it('saga: a handler sends commands to its own store', async () => {
    await givenHandler(bookReaders.reprint, [sold]).thenCommands([
      { aggregate: 'book', id: 'b', command: { type: 'bringBack', data: { copies: 1 } } },
    ]);
  });

  it('all kinds of them run beside each other, on Postgres', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-books-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'books.ndjson');
    const { definePublication, ndjsonFile } = await import('troupe');
    const bus = definePublication({
      ...{ name: 'bus', version: 1, on: [bookDomain.book] },
      to: () => ndjsonFile(file),
    });
    const runtime = await startOn({ ...bookDomain, ...bookReaders, bus });
    const books = runtime.aggregate(bookDomain.book);
    const { position } = await books.send('b', { type: 'buy', data: { copies: 7, cents: 70_00 } });
    await runtime.waitFor('reprint', position);
    const reprinted = (await books.state('b'))?.position ?? 0;
    for (const name of ['shelf', 'takings', 'bus']) await runtime.waitFor(name, reprinted);
    expect(await runtime.view(bookReaders.shelf).get('b')).toEqual({ leftover: 4 });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'book.bought',
      'book.returned',
    ]);
  });
});

describe('the readers of epoch', () => {
  it('one stream of many users becomes a document for each of their guitars', () => {
    const give = (user: string, guitar: string) =>
      ({ type: 'guitarGiven', data: { user, guitar } }) as const;
    givenView(guitars, [
      give('ann', 'Stratocaster'),
      give('bo', 'Flying V'),
      give('bo', 'Flying V'),
    ])
      .thenKeys(['ann/Stratocaster', 'bo/Flying V'])
      .thenDocument('bo/Flying V', { user: 'bo', guitar: 'Flying V', given: 2 });
  });
});

describe('the readers of cqrs-rust-lib', () => {
  it('child views: a right that is revoked is gone', () => {
    givenView(rightsOfUser, [
      { type: 'granted', data: { user: 'a:b', right: 'read' }, id: 'a%3Ab:read' },
      { type: 'granted', data: { user: 'a:b', right: 'write' }, id: 'a%3Ab:write' },
      { type: 'revoked', data: {}, id: 'a%3Ab:read' },
    ])
      .thenKeys(['a%3Ab:write'])
      .thenDocument('a%3Ab:write', { user: 'a:b', right: 'write' });
  });

  it('queries: accounts and their movements are found by their columns, on Postgres', async () => {
    const runtime = await startOn({ ...accountDomain, ...accountReaders });
    const accounts = runtime.aggregate(accountDomain.account);
    let position = 0;
    for (const [id, owner, cents] of [
      ['a', 'mia', 500],
      ['b', 'ben', 70],
    ] as const) {
      await accounts.create({ type: 'open', data: { owner } }, { id });
      await accounts.send(id, { type: 'deposit', data: { cents } });
      ({ position } = await accounts.send(id, { type: 'withdraw', data: { cents: 20 } }));
    }
    await runtime.waitFor('accounts', position);
    await runtime.waitFor('movements', position);
    const rich = await runtime
      .view(accountReaders.accounts)
      .find({ where: { balance: { gt: 100 } } });
    expect(rich.items.map(({ document }) => document)).toEqual([
      { owner: 'mia', balance: 480, isOpen: true },
    ]);
    const movements = runtime.view(accountReaders.movements);
    const last = await movements.find({
      where: { account: 'b' },
      orderBy: { at: 'desc' },
      limit: 1,
    });
    expect(last.items.map(({ document }) => document.cents)).toEqual([-20]);
    expect(await movements.get('b-2')).toMatchObject({ account: 'b', cents: 70 });
  });
});

describe('the readers of Chekov', () => {
  it('a projector follows who moves to another account', () => {
    const ids = {
      user: '018f2d1e-7b1a-7c4e-9f1a-000000000001',
      account: '018f2d1e-7b1a-7c4e-9f1a-000000000002',
    };
    const other = '018f2d1e-7b1a-7c4e-9f1a-000000000003';
    givenView(accountsOfUsers, [
      { type: 'user.created', data: ids, id: ids.user },
      { type: 'user.account-changed', data: { account: other }, id: ids.user },
    ]).thenDocument(ids.user, { account: other });
  });

  it('the projectors of the gift shop and its handler, on Postgres', async () => {
    const runtime = await startOn({ ...shopDomain, ...shopReaders });
    const cards = runtime.aggregate(shopDomain.giftCard);
    const orders = runtime.aggregate(shopDomain.order);
    await cards.send('coffee', { type: 'print', data: { name: 'Coffee', cents: 60_00 } });
    await orders.create({ type: 'place', data: { user: 'ann' } }, { id: 'o' });
    await orders.send('o', { type: 'add', data: { card: 'coffee', amount: 2, cents: 60_00 } });
    const { position } = await orders.send('o', { type: 'validate', data: {} });
    await runtime.waitFor('thanks', position);
    const thanks = await cards.state('thanks-o');
    expect(thanks?.state).toEqual({ name: 'Thank you', cents: 5_00 });
    await runtime.waitFor('cards', thanks?.position ?? 0);
    await runtime.waitFor('orders', position);
    const view = runtime.view(shopReaders.cards);
    expect(await view.get('coffee')).toEqual({ name: 'Coffee', cents: 60_00, ordered: 2 });
    expect(await view.count()).toBe(2);
    expect(await runtime.view(shopReaders.orders).get('o')).toEqual({
      ...{ user: 'ann', status: 'validated', cents: 120_00 },
    });
  });
});
