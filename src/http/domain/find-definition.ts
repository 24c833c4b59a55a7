import type { Aggregate } from '../../aggregate/define-aggregate.js';
import { oneOf } from '../../internal/nearest.js';
import type { View } from '../../projection/view.js';
import { notFound } from '../http-error.js';
import type { RuntimeView } from '../runtime-view.js';

/** The aggregate of a name. Throws 404. */
export function aggregateNamed({ definitions }: RuntimeView, name: string): Aggregate {
  const { aggregates } = definitions;
  const found = aggregates.get(name);
  if (found) return found;
  throw notFound(
    'UnknownAggregate',
    `There is no aggregate ${quoted(name)}: expected ${expected(aggregates, name)}`,
  );
}

/** The view of a name. Throws 404. */
export function viewNamed({ definitions }: RuntimeView, name: string): View {
  const { views } = definitions;
  const found = views.get(name);
  if (found) return found;
  throw notFound(
    'UnknownView',
    `There is no view ${quoted(name)}: expected ${expected(views, name)}`,
  );
}

function expected(known: ReadonlyMap<string, unknown>, name: string): string {
  return known.size === 0 ? 'none' : oneOf([...known.keys()], name.slice(0, 100));
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
