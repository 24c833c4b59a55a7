import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { isSplit } from '../aggregate/event-spec.js';
import type { StoredEvent } from '../messages/event.js';
import type { StoredFilter } from '../store/subscriptions.js';
import type { Filter } from './subscription.js';

/** The filter as it reaches the database: today's names, the old ones, and whatever may split into them. */
export function storedFilter(
  domain: Pick<Domain, 'stored'>,
  { aggregates, types = {} }: Filter,
): StoredFilter {
  if (aggregates === 'all') return { all: true, aggregates: [], types: [] };
  if (aggregates === 'everything') return { all: true, reserved: true, aggregates: [], types: [] };
  return {
    all: false,
    aggregates: aggregates.filter((name) => !Object.hasOwn(types, name)),
    types: aggregates.flatMap((name) => {
      const wanted = types[name];
      if (!wanted) return [];
      const definition = domain.stored.get(name);
      const stored = definition ? storedTypes(definition, wanted) : wanted;
      return [...stored].map((type) => [name, type] as const);
    }),
  };
}

/** The types under which an event that reads as one of `wanted` may stand in the log. */
function storedTypes(
  { codecs, former }: Pick<Aggregate, 'codecs' | 'former'>,
  wanted: readonly string[],
): ReadonlySet<string> {
  const stored = new Set(wanted);
  for (const [type, { steps }] of codecs) if (steps.some(isSplit)) stored.add(type);
  for (const [type, codec] of former)
    if (isSplit(codec) || stored.has(codec.type)) stored.add(type);
  return stored;
}

/** The same filter for events that are in memory. */
export function matcher({
  all,
  reserved = false,
  aggregates,
  types,
}: StoredFilter): (event: StoredEvent) => boolean {
  const whole = new Set(aggregates);
  const some = new Set(types.map(([aggregate, type]) => `${aggregate}\0${type}`));
  return ({ aggregate, type }) =>
    (all && (reserved || !aggregate.startsWith('$'))) ||
    whole.has(aggregate) ||
    (some.size > 0 && some.has(`${aggregate}\0${type}`));
}
