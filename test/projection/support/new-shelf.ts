import type { View } from '../../../src/projection/view.js';
import { ViewClient } from '../../../src/projection/view-client.js';
import { foldBatch } from '../../../src/projection/view-consumer.js';
import { type Book, shelf, shelved } from './shelf.js';
import type { TablesUnderTest } from './tables-under-test.js';

export type Columns = NonNullable<(typeof shelf)['types']>['columns'];

/** An empty shelf, and how to ask it. */
export interface Shelf {
  readonly client: ViewClient<NonNullable<(typeof shelf)['types']>>;
  put(key: string, book: Partial<Book> | null): Promise<void>;
}

let versions = 0;
/** A view with a table of its own. */
export async function newShelf(under: TablesUnderTest): Promise<Shelf> {
  const view: View = { ...shelf, name: `shelf-${++versions}` };
  await under.transaction((tx) => under.tables.prepare(tx, view));
  return {
    client: new ViewClient(view, under),
    put: (key, book) =>
      under.transaction((tx) => foldBatch(view, under.tables, [shelved(key, book)], tx)),
  };
}
