import { after as waited } from '../internal/after.js';
import type { StoredEvent } from '../messages/event.js';
import type { Store } from '../store/store.js';
import { POLL_MS } from './log-feed.js';
import type { StartFrom } from './subscription.js';
import type { WakeSignal } from './wake-signal.js';

const PAGE_SIZE = 500;

/** How the log is followed. */
export interface Following {
  readonly from: StartFrom;
  /** Ends it. */
  readonly until?: AbortSignal | undefined;
  /** Shortest time between two reads at the end of the log: of a busy one, more is read at a time. Milliseconds. Default 0. */
  readonly restMs?: number;
}

/**
 * The log from a place on, by position and without gaps, for as long as somebody reads it and the signal
 * lasts. Holds one page in memory; reads on when that was taken.
 */
export async function* liveEvents(
  store: Pick<Store, 'readAll' | 'settledEnd'>,
  signal: WakeSignal,
  { from, until, restMs = 0 }: Following,
): AsyncGenerator<StoredEvent, void> {
  let after = from === 'now' ? await store.settledEnd() : from === 'beginning' ? 0 : from;
  for (;;) {
    const readAt = performance.now();
    const page = await store.readAll({ after, limit: PAGE_SIZE });
    for (const event of page) {
      if (until?.aborted) return;
      after = event.position;
      yield event;
    }
    if (until?.aborted) return;
    if (page.length === PAGE_SIZE) continue;
    if (!(await signal.next(POLL_MS))) return;
    const rest = readAt + restMs - performance.now();
    if (rest > 0) await waited(rest);
    if (signal.isOver) return;
  }
}
