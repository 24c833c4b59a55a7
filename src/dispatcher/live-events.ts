import type { StoredEvent } from '../messages/event.js';
import type { Store } from '../store/store.js';
import { POLL_MS } from './log-feed.js';
import type { StartFrom } from './subscription.js';
import type { WakeSignal } from './wake-signal.js';

const PAGE_SIZE = 500;

/**
 * The log from a place on, by position and without gaps, for as long as somebody reads it and the signal
 * lasts, and `until` is not aborted. Holds one page in memory; reads on when that was taken.
 */
export async function* liveEvents(
  store: Pick<Store, 'readAll' | 'settledEnd'>,
  signal: WakeSignal,
  from: StartFrom,
  until?: AbortSignal,
): AsyncGenerator<StoredEvent, void> {
  let after = from === 'now' ? await store.settledEnd() : from === 'beginning' ? 0 : from;
  for (;;) {
    const page = await store.readAll({ after, limit: PAGE_SIZE });
    for (const event of page) {
      if (until?.aborted) return;
      after = event.position;
      yield event;
    }
    if (until?.aborted) return;
    if (page.length < PAGE_SIZE && !(await signal.next(POLL_MS))) return;
  }
}
