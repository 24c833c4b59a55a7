import type { FeedEvent } from '../dispatcher/subscription.js';
import { changesOf, foldEvents, keyedEvents, type Texts } from '../projection/fold.js';
import type { View, ViewTypes } from '../projection/view.js';
import { expectEqual, unexpected } from './expectations.js';
import { feedOf, type GivenFor } from './feed.js';

/** A view into which events were folded. */
export class GivenView<Types extends ViewTypes> {
  constructor(
    private readonly view: View,
    private readonly texts: Texts,
  ) {}

  /** The document of this key is exactly this one, or passes a check of your own. */
  thenDocument(
    key: string,
    expected: Types['document'] | ((document: Types['document']) => void),
  ): this {
    const text = this.texts.get(key);
    const what = `view ${this.view.name}: the document ${JSON.stringify(key)}`;
    if (text === undefined)
      unexpected(`${what} is not there; there are ${JSON.stringify(this.keys)}`, {
        actual: undefined,
        expected,
      });
    const document: unknown = JSON.parse(text);
    if (typeof expected === 'function') (expected as (document: unknown) => void)(document);
    else expectEqual(what, document, expected);
    return this;
  }

  /** There is no document of this key: no event concerned it, or it was deleted. */
  thenNoDocument(key: string): this {
    const text = this.texts.get(key);
    if (text === undefined) return this;
    const what = `view ${this.view.name}: expected no document ${JSON.stringify(key)}`;
    return unexpected(what, { actual: JSON.parse(text), expected: undefined });
  }

  /** These are the keys of all documents, in any order. */
  thenKeys(expected: readonly string[]): this {
    expectEqual(`view ${this.view.name}: its keys`, this.keys, [...expected].sort());
    return this;
  }

  private get keys(): readonly string[] {
    return [...this.texts].flatMap(([key, text]) => (text === undefined ? [] : [key])).sort();
  }
}

/**
 * Folds events into a view as the runtime does: each is checked by its schema and read as from the log,
 * documents go through JSON, columns are computed. They are folded twice; if the second time gives other
 * documents, `key` or `evolve` is not pure, and the test fails.
 *
 * @example
 * givenView(balances, [
 *   { type: 'opened', data: { owner: 'mia' }, id: 'a' },
 *   { type: 'deposited', data: { cents: 5 }, id: 'a' },
 * ]).thenDocument('a', { owner: 'mia', cents: 5 });
 */
export function givenView<Types extends ViewTypes>(
  view: View<Types>,
  events: readonly GivenFor<NoInfer<Types>['given']>[],
): GivenView<Types> {
  // Its types live only in `types`, which is never set.
  const given = view as unknown as View;
  const first = folded(given, feedOf(given.listening, events));
  const second = folded(given, feedOf(given.listening, events));
  expectEqual(
    `view ${given.name}: its documents when the same events are folded again (key and evolve must be pure)`,
    Object.fromEntries(second),
    Object.fromEntries(first),
  );
  return new GivenView<Types>(given, first);
}

function folded(view: View, events: readonly FeedEvent[]): Texts {
  const texts = foldEvents(view, keyedEvents(view, events), new Map());
  changesOf(view, texts);
  return texts;
}
