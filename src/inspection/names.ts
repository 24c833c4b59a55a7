import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import { idProblem } from '../messages/ids.js';
import type { StreamName } from '../store/store.js';
import { invalidOption } from './cursor.js';

type Names = Pick<Domain, 'aggregates' | 'stored'>;

/** An aggregate by its name in code or in the log. Throws `UnknownAggregate`. */
export function definitionOf({ aggregates, stored }: Names, name: string): Aggregate {
  const definition = aggregates.get(name) ?? stored.get(name);
  if (definition) return definition;
  const expected = oneOf([...aggregates.keys()], name);
  throw new SetupError(
    'UnknownAggregate',
    `The domain module exports no aggregate named ${name}: expected ${expected}`,
    { name },
  );
}

/** A stream as the log names it. Throws for an aggregate that the domain does not know, and an id that cannot be. */
export function streamOf(domain: Names, aggregate: string, id: string): StreamName {
  const { storedAs } = definitionOf(domain, aggregate);
  const problem = idProblem(id);
  if (problem) throw invalidOption('id', `the id of an instance (${problem})`, id);
  return { aggregate: storedAs, id };
}

/** The name in code of an aggregate in the log; of one that the domain does not know, its name there. */
export function nameOf({ stored }: Names, storedAs: string): string {
  return stored.get(storedAs)?.name ?? storedAs;
}
