import { defineView } from 'troupe';
import type { FeedEvent } from '../../../src/dispatcher/subscription.js';
import { feedEvent, purse } from './ledger.js';

/** A document with a property for each type of column. */
export interface Book {
  readonly title: string | null;
  readonly pages: number | null;
  readonly sold: number | null;
  readonly price: string | number | null;
  readonly lent: boolean | null;
  readonly printedAt: string | null;
  readonly dueOn: string | null;
}

export const noBook: Book = {
  ...{ title: null, pages: null, sold: null, price: null },
  ...{ lent: null, printedAt: null, dueOn: null },
};

/** A view whose events carry their document: what tests of queries are about. */
export const shelf = defineView({
  name: 'shelf',
  version: 1,
  on: [purse],
  key: (event) => event.id,
  initial: noBook,
  columns: {
    title: 'text',
    pages: 'integer',
    sold: 'bigint',
    price: 'numeric',
    lent: 'boolean',
    printedAt: 'timestamptz',
    dueOn: 'date',
  },
  evolve: (_doc, event) => (event.type === 'closed' ? null : (event.data as unknown as Book)),
});

/** The event that puts a book on the shelf, or takes it away. */
export function shelved(key: string, book: Partial<Book> | null, position = 1): FeedEvent {
  const type = book ? 'opened' : 'closed';
  return feedEvent('purse', key, { type, data: book && { ...noBook, ...book }, position });
}
