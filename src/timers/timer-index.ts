import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import {
  type EndedTimer,
  type StoredTimer,
  type TimerChanges,
  type TimerTable,
  timerKey,
} from '../store/timers.js';
import type { TimerSource } from './timer-source.js';

/** So much later it may hear of a timer that is due at once. */
const REST_MS = 10;

/**
 * Keeps the table of armed timers, in the transaction of its checkpoint. `heard` is told of what a batch
 * changes before it is committed: what stands in the log is true whether or not the table has it yet.
 */
export function timerIndex(
  source: TimerSource,
  table: Pick<TimerTable, 'save'>,
  heard: (changes: TimerChanges, position: number) => void = () => undefined,
): Consumer {
  const { name, stream } = source;
  const filter = { aggregates: [stream] };
  return {
    ...{ name, version: 1, filter, from: 'beginning' },
    fingerprint: canonicalJson({ name, version: 1, filter }),
    restMs: REST_MS,
    async handle(events, tx) {
      const changes = changesOf(source, events);
      heard(changes, events.at(-1)?.position ?? 0);
      await table.save(tx, changes);
    },
  };
}

/** The last change of each timer. */
function changesOf(source: TimerSource, events: readonly FeedEvent[]): TimerChanges {
  const armed = new Map<string, StoredTimer>();
  const ended = new Map<string, EndedTimer>();
  for (const event of events) {
    for (const change of source.changes(event)) {
      const { id, version: generation, position } = event;
      const name = { source: source.stream, id, key: change.key };
      const key = timerKey(name);
      // One that is armed again has ended before: whoever was about to fire the old one need not.
      armed.delete(key);
      ended.set(key, { ...name, generation });
      if (change.kind === 'ended') continue;
      const payload = JSON.stringify(change.payload);
      const { dueAt } = change;
      armed.set(key, { ...name, generation, dueAt, position, payload, failure: undefined });
    }
  }
  return { armed: [...armed.values()], ended: [...ended.values()] };
}
