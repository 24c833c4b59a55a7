import { LRUCache } from 'lru-cache';
import type { BatchTransaction, Transaction } from '../dispatcher/subscription.js';
import type { Texts } from './fold.js';

/*
 * What a view has read or written last, so that the next batch need not read it again. Only a memory, and
 * each batch asks its own transaction, which has locked the row of the subscription, whether it still holds:
 *
 *   another claim than that of the last batch    somebody else may have written meanwhile
 *   another number of changes                    a parked stream was folded late, or documents anew
 *   a checkpoint before the end of that batch    it was rolled back
 *
 * In each of these all is forgotten. Nobody else writes the table of a version that serves.
 */

/** Characters of documents and keys that are held at most; each view has as many. */
const MAX_SIZE = 8 * 1024 * 1024;
/** What an entry takes beside its texts, about. */
const ENTRY_SIZE = 100;

/** A document is text; there is none where it is `NONE`. */
const NONE = Symbol('no document');

/** A batch that makes use of what is known. */
export interface Knowing {
  /** Documents that are known, also that there is none. */
  readonly found: Map<string, string | undefined>;
  /** Keys of which nothing is known. */
  readonly unknown: readonly string[];
  /** The batch has written this; what it read and has not changed is in it too. */
  learn(texts: Texts, upTo: number): void;
}

export class KnownDocuments {
  private readonly texts = new LRUCache<string, string | typeof NONE>({
    maxSize: MAX_SIZE,
    sizeCalculation: (text, key) =>
      ENTRY_SIZE + key.length + (text === NONE ? 0 : (text as string).length),
  });
  /** The last batch that has written. */
  private after: { hold: object; changes: number; upTo: number } | undefined;
  private batches = 0;

  /** Begins a batch that concerns these keys. */
  begin(tx: BatchTransaction, keys: readonly string[]): Knowing {
    if (!this.holds(tx)) this.texts.clear();
    const batch = ++this.batches;
    const found = new Map<string, string | undefined>();
    const unknown: string[] = [];
    for (const key of keys) {
      const text = this.texts.get(key);
      if (text === undefined) unknown.push(key);
      else found.set(key, text === NONE ? undefined : text);
    }
    return { found, unknown, learn: (texts, upTo) => this.learn(tx, batch, { texts, upTo }) };
  }

  private holds({ hold, parkedChanges, checkpoint }: BatchTransaction): boolean {
    const { after } = this;
    return (
      after?.hold === hold && after.changes === parkedChanges && after.upTo <= checkpoint.position
    );
  }

  private learn(
    { hold, parkedChanges }: BatchTransaction,
    batch: number,
    { texts, upTo }: { readonly texts: Texts; readonly upTo: number },
  ): void {
    if (batch !== this.batches) return; // one that was given up while it waited for the database
    for (const [key, text] of texts) this.texts.set(key, text ?? NONE);
    this.after = { hold, changes: parkedChanges, upTo };
  }
}

/** Is it the transaction of a batch, rather than any other? */
export function isBatch(tx: Transaction | BatchTransaction): tx is BatchTransaction {
  return 'hold' in tx;
}
