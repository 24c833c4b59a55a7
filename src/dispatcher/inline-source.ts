import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import type { InlineReader, InlineVersion } from '../store/inline.js';

/** Marks what `defineInlineProjection` made, whichever copy of the package made it. */
export const INLINE = Symbol.for('troupe.inlineProjection');

/** An export of a domain module that is run in the transactions of appends. */
export interface InlineSource extends InlineVersion {
  /** What it listens to, by the aggregate's name in the log. */
  readonly listening: ReadonlyMap<string, { readonly definition: Aggregate }>;
  [INLINE](domain: Pick<Domain, 'stored'>): InlineReader;
}

/**
 * The inline projections of a domain, by name. Throws `DuplicateDefinition` or `UnknownAggregate` where
 * views and projections would.
 */
export function readInline(
  domain: Pick<Domain, 'module' | 'stored' | 'readers'>,
): readonly InlineReader[] {
  const sources = [...new Set(Object.values(domain.module))].filter(isInlineSource);
  const names = new Set(domain.readers.keys());
  for (const { name, listening } of sources) {
    if (names.has(name))
      throw new SetupError(
        'DuplicateDefinition',
        `The domain exports two readers of the log named ${name}, one of them an inline projection: each needs a name of its own`,
        { name },
      );
    names.add(name);
    const missing = [...listening].find(([storedAs]) => !domain.stored.has(storedAs));
    if (missing) throw notExported(name, missing[1].definition.name);
  }
  return sources.sort((a, b) => (a.name < b.name ? -1 : 1)).map((source) => source[INLINE](domain));
}

function isInlineSource(value: unknown): value is InlineSource {
  return typeof value === 'object' && value !== null && INLINE in value;
}

function notExported(name: string, aggregate: string): SetupError {
  return new SetupError(
    'UnknownAggregate',
    `The domain: inline projection ${name} listens to ${aggregate}, which is not exported: export what defineAggregate returned`,
    { name, aggregate },
  );
}
