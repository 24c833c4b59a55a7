import type { AggregateTypes } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import type { StartFrom } from '../dispatcher/subscription.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { RecordedEvent } from './recorded-event.js';

/** Which events `runtime.subscribe` yields; what is absent does not restrict. */
export interface LiveFilter {
  /** Names of aggregates in code. Without it, all but reserved ones. */
  readonly aggregates?: readonly string[];
  /** Today's names of events. */
  readonly types?: readonly string[];
  /** Of one instance. */
  readonly id?: string;
  /** Anything else; runs in the host's thread. */
  readonly where?: (event: RecordedEvent) => boolean;
}

/** Options of `runtime.subscribe`. */
export interface LiveOptions {
  /** Where it begins: after this position. Default `'now'`. */
  readonly from?: StartFrom;
}

/** Is a stored event, as far as its stream tells, wanted? Throws for names that the domain does not know. */
export function streamFilter(
  domain: Pick<Domain, 'aggregates'>,
  { aggregates, id }: LiveFilter,
): (event: StoredEvent) => boolean {
  const stored = aggregates && new Set(aggregates.map((name) => storedName(domain, name)));
  return (event) =>
    (stored ? stored.has(event.aggregate) : !event.aggregate.startsWith('$')) &&
    (id === undefined || event.id === id);
}

/** Is an event wanted, as it reads today? */
export function isWanted(event: RecordedEvent, { types, where }: LiveFilter): boolean {
  const { type } = event as RecordedEvent<AggregateTypes> & { readonly type: string };
  return (types?.includes(type) ?? true) && (where?.(event) ?? true);
}

function storedName({ aggregates }: Pick<Domain, 'aggregates'>, name: string): string {
  if (name.startsWith('$')) return name;
  const definition = aggregates.get(name);
  if (definition) return definition.storedAs;
  throw new SetupError(
    'UnknownAggregate',
    `The domain module exports no aggregate named ${name}: expected ${oneOf([...aggregates.keys()], name)}`,
    { name },
  );
}
