import type { Actor } from '../actor/actor.js';
import { type Decision, rowCount } from '../actor/decision.js';
import type { EventRow } from '../messages/event.js';
import { compareCodePoints } from '../messages/ids.js';
import type { AppendBatch, Assertion } from '../store/append.js';
import type { OutcomeRow } from '../store/outcomes.js';
import type { StreamName } from '../store/store.js';

/** Bounds of one group commit. */
export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** A batch for the store, and how its rows came about. */
export interface ComposedBatch {
  readonly batch: AppendBatch;
  /** The decisions in the order in which their rows stand in the batch. */
  readonly sorted: readonly Decision[];
  /** For each row whether it is one of timers; undefined where none is. */
  readonly ofTimers: readonly boolean[] | undefined;
}

/**
 * How many decisions from the front of the queue fit into one batch: always at least one, so that a
 * decision larger than the bounds is stored alone.
 */
export function batchLength(pending: readonly Decision[], limits: BatchLimits): number {
  let rows = 0;
  let bytes = 0;
  for (let i = 0; i < pending.length; i++) {
    const decision = pending[i] as Decision;
    rows += Math.max(1, rowCount(decision));
    bytes += decision.bytes;
    if (i > 0 && (rows > limits.maxRows || bytes > limits.maxBytes)) return i;
  }
  return pending.length;
}

/** How a batch is to be stored. */
export interface BatchSettings {
  readonly lockTimeoutMs: number;
  /** Nobody else may write: answers without events need no look at their streams, only the epoch check. */
  readonly exclusive: boolean;
}

/** Composes decisions, in the order they were made, into one append. */
export function composeBatch(
  decisions: readonly Decision[],
  { lockTimeoutMs, exclusive }: BatchSettings,
): ComposedBatch {
  const sorted = sortByStream(decisions);
  const rows: EventRow[] = [];
  const outcomes: OutcomeRow[] = [];
  for (const decision of sorted) {
    for (const row of decision.rows) rows.push(row);
    if (decision.outcome) outcomes.push(decision.outcome);
  }
  const assertions = exclusive ? [] : assertionsOf(sorted);
  const timers = sorted.flatMap((decision) => decision.timers?.rows ?? NO_ROWS);
  if (timers.length === 0)
    return { sorted, ofTimers: undefined, batch: { rows, outcomes, assertions, lockTimeoutMs } };
  // Their names begin alike, so that among themselves they stand in the order of their decisions.
  const all = [...rows, ...timers].sort(compareStreams);
  const own = new Set(timers);
  const ofTimers = all.map((row) => own.has(row));
  return { sorted, ofTimers, batch: { rows: all, outcomes, assertions, lockTimeoutMs } };
}

const NO_ROWS: readonly EventRow[] = [];

/** By (aggregate, id) in code-point order; the sort is stable, so versions stay in order. */
function sortByStream(decisions: readonly Decision[]): readonly Decision[] {
  const first = decisions[0];
  if (!first || decisions.every((d) => d.actor === first.actor)) return decisions;
  return [...decisions].sort((a, b) => compareStreams(a.actor, b.actor));
}

function compareStreams(a: StreamName, b: StreamName): number {
  if (a === b) return 0;
  return compareCodePoints(a.aggregate, b.aggregate) || compareCodePoints(a.id, b.id);
}

/** One per actor that stores nothing in this batch: its answers hold only if its stream has not moved. */
function assertionsOf(sorted: readonly Decision[]): Assertion[] {
  const assertions: Assertion[] = [];
  for (let i = 0; i < sorted.length; ) {
    const { actor, fromVersion, timers } = sorted[i] as Decision;
    let stores = false;
    let storesTimers = false;
    for (; i < sorted.length && sorted[i]?.actor === actor; i++) {
      const decision = sorted[i] as Decision;
      stores ||= decision.rows.length > 0;
      storesTimers ||= decision.timers !== undefined && decision.timers.rows.length > 0;
    }
    if (!stores)
      assertions.push({ aggregate: actor.aggregate, id: actor.id, version: fromVersion });
    const { companion } = actor;
    if (timers && companion && !storesTimers)
      assertions.push({
        ...{ aggregate: companion.aggregate, id: companion.id },
        version: timers.fromVersion,
      });
  }
  return assertions;
}

/** The actors of decisions, each once, in order of appearance. */
export function actorsOf(decisions: readonly Decision[]): Actor[] {
  return [...new Set(decisions.map((d) => d.actor))];
}
