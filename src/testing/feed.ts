import type { Aggregate } from '../aggregate/define-aggregate.js';
import { liftFor } from '../dispatcher/lift.js';
import { filterOf, type Listening } from '../dispatcher/listening.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import { streamKey } from '../messages/ids.js';
import { sceneSetup } from './decide-once.js';
import { historyRows, type StoredAs } from './history.js';

/** An event that happened before, for what listens to it; or, `stored` by an older release, with its aggregate. */
export type GivenFor<Given> = (
  | Given
  | { readonly aggregate: string; readonly stored: StoredAs }
) & {
  /** Id of the aggregate instance. Default `id-1`. */
  readonly id?: string;
  /** When it happened. Default: noon UTC, 29 February 2024, a second after the event before. */
  readonly occurredAt?: Date | number | string;
  /** Default none. */
  readonly metadata?: Readonly<Record<string, unknown>>;
};

interface AnyGiven {
  readonly aggregate?: string;
  readonly id?: string;
  readonly type?: string;
  readonly data?: unknown;
  readonly stored?: StoredAs;
  readonly occurredAt?: Date | number | string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface Told {
  readonly definition: Aggregate;
  readonly id: string;
  readonly given: AnyGiven;
  readonly position: number;
}

const NOON = Date.UTC(2024, 1, 29, 12);

/**
 * Events as a feed gives them: each checked by its schema and serialised as if it were decided, read as if
 * it came from the log, at positions 1, 2, and so on.
 */
export function feedOf(
  listening: ReadonlyMap<string, Listening>,
  events: readonly unknown[],
): readonly FeedEvent[] {
  const definitions = [...listening.values()].map(({ definition }) => definition);
  const told = (events as readonly AnyGiven[]).map((given, i) => ({
    definition: definitionOf(definitions, given, i),
    id: given.id ?? 'id-1',
    given,
    position: i + 1,
  }));
  const streams = new Map<string, Told[]>();
  for (const one of told) {
    const key = streamKey(one.definition.storedAs, one.id);
    streams.set(key, [...(streams.get(key) ?? []), one]);
  }
  const stored = new Map(definitions.map((definition) => [definition.storedAs, definition]));
  const lift = liftFor({ stored }, filterOf(listening));
  const rows = [...streams.values()].flatMap(storedEvents);
  return rows.sort((a, b) => a.position - b.position).flatMap((row) => lift(row));
}

function storedEvents(stream: readonly Told[]) {
  const [{ definition, id }] = stream as readonly [Told];
  const events = stream.map(({ given }) => given.stored ?? { type: given.type, data: given.data });
  const setup = sceneSetup(undefined, {});
  const rows = historyRows({ definition, id }, events, { occurredAt: NOON, setup });
  return rows.map((row, i) => {
    const { given, position } = stream[i] as Told;
    const occurredAt = new Date(given.occurredAt ?? NOON + (position - 1) * 1000).getTime();
    return {
      ...row,
      ...{ aggregate: definition.storedAs, position, occurredAt, recordedAt: occurredAt },
      metadata: JSON.stringify(given.metadata ?? {}),
    };
  });
}

function definitionOf(all: readonly Aggregate[], given: AnyGiven, index: number): Aggregate {
  const { aggregate, type } = given;
  const fitting = all.filter(
    (one) => (aggregate === undefined || one.name === aggregate) && (!type || one.codecs.has(type)),
  );
  const [definition] = fitting;
  if (definition && fitting.length === 1) return definition;
  const what = `events[${index}] (${aggregate ?? 'no aggregate'}, ${type ?? 'no type'})`;
  const names = all.flatMap((one) => [...one.codecs.keys()].map((name) => `${one.name}.${name}`));
  throw new TypeError(
    definition
      ? `${what}: several aggregates have it: name the aggregate`
      : `${what}: expected one of ${names.join(', ')}`,
  );
}
