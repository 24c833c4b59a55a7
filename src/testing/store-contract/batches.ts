import { compareCodePoints } from '../../messages/ids.js';
import { sliceOf } from '../../messages/slice.js';
import type { AppendBatch } from '../../store/append.js';
import type { OutcomeRow } from '../../store/outcomes.js';
import type { EventRow } from '../../store/store.js';

/** An event of `aggregate/id`; what is not given is filled in. */
export function eventRow(stream: Stream, version: number, given: Partial<EventRow> = {}): EventRow {
  return {
    slice: sliceOf(stream.aggregate, stream.id),
    aggregate: stream.aggregate,
    id: stream.id,
    version,
    type: 'happened',
    schemaVersion: 1,
    data: `{"version":${version}}`,
    metadata: '{}',
    commandId: `command-${stream.id}-${version}`,
    occurredAt: Date.UTC(2024, 1, 29),
    ...given,
  };
}

/** The events `from` to `to` of `aggregate/id`. */
export function eventRows(stream: Stream, from: number, to: number): EventRow[] {
  return Array.from({ length: to - from + 1 }, (_, i) => eventRow(stream, from + i));
}

/** An accepted outcome of the first command of `aggregate/id`, kept for ever unless told otherwise. */
export function outcomeRow(
  stream: Stream,
  key: string,
  given: Partial<OutcomeRow> = {},
): OutcomeRow {
  return {
    aggregate: stream.aggregate,
    id: stream.id,
    key,
    hash: 'hash',
    commandId: `command-${key}`,
    fromVersion: 0,
    toVersion: 1,
    rejection: undefined,
    keepMs: Number.POSITIVE_INFINITY,
    ...given,
  };
}

/** A batch with its rows in the order that the store asks for. */
export function batchOf(given: Partial<AppendBatch>): AppendBatch {
  const rows = [...(given.rows ?? [])].sort(
    (a, b) =>
      compareCodePoints(a.aggregate, b.aggregate) ||
      compareCodePoints(a.id, b.id) ||
      a.version - b.version,
  );
  return { assertions: [], outcomes: [], lockTimeoutMs: 5000, ...given, rows };
}

interface Stream {
  readonly aggregate: string;
  readonly id: string;
}
