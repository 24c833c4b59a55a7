import type { Domain } from './aggregate/domain.js';
import { readEvent } from './aggregate/read-event.js';
import { isWanted, type LiveFilter, type LiveOptions, streamFilter } from './client/live-filter.js';
import { type RecordedEvent, toRecorded } from './client/recorded-event.js';
import { liveEvents } from './dispatcher/live-events.js';
import type { SubscriptionInfo, WaitOptions } from './dispatcher/subscriptions.js';
import type { Store, StreamName } from './store/store.js';
import type { ParkedEvent, Reason } from './store/subscriptions.js';
import type { Feeds } from './threads/feeds.js';

/** What of a runtime concerns reading what was committed. */
export abstract class RuntimeFeeds {
  constructor(
    private readonly reading: {
      readonly store: Store;
      readonly domain: Domain;
      readonly feeds: Feeds;
    },
  ) {}

  /**
   * The log from now on, or from a place on, for as long as it is read and the runtime runs: by position,
   * without gaps, from all processes. Nothing of it is durable: who must miss nothing across restarts keeps
   * the position, or defines a subscription. Holds one page in memory; who is slow is behind, and misses
   * nothing. Ends with `StreamUnreadable` as `events` does.
   *
   * @example
   * for await (const event of runtime.subscribe({ aggregates: ['account'] })) console.log(event.type);
   */
  async *subscribe(
    filter: LiveFilter = {},
    { from = 'now' }: LiveOptions = {},
  ): AsyncGenerator<RecordedEvent, void> {
    const { store, domain, feeds } = this.reading;
    const isOfStream = streamFilter(domain, filter);
    for await (const event of liveEvents(store, feeds.signal, from)) {
      if (!isOfStream(event)) continue;
      const definition = domain.stored.get(event.aggregate);
      for (const recorded of toRecorded(definition, readEvent(definition, event)))
        if (isWanted(recorded, filter)) yield recorded;
    }
  }

  /** Every subscription of the log, whichever process runs it: state, position, lag, last error, parked streams. */
  subscriptions(): Promise<readonly SubscriptionInfo[]> {
    return this.reading.feeds.subscriptions.list();
  }

  /** Holds a subscription, in all processes, until it is resumed. A batch under way ends or is undone. */
  pause(name: string): Promise<void> {
    return this.reading.feeds.subscriptions.pause(name);
  }

  /**
   * Lets a subscription go on that was paused or has stopped. With `at` it goes on after that position, for
   * one whose log was restored: what it writes has to be at that position, too.
   */
  resume(name: string, { at }: { readonly at?: number } = {}): Promise<void> {
    return this.reading.feeds.subscriptions.resume(name, at);
  }

  /** Events that failed for a subscription, resolved or not, by position; of one stream or all. */
  parked(name: string, stream?: StreamName): Promise<readonly ParkedEvent[]> {
    return this.reading.feeds.subscriptions.parked(name, stream);
  }

  /** Has a parked stream tried again, from its parked event on. Who and why are kept. Throws `NotParked`. */
  retryParked(name: string, stream: StreamName, reason: Reason): Promise<void> {
    return this.reading.feeds.subscriptions.retry(name, stream, reason);
  }

  /** Leaves out the parked event of a stream for good, and handles what waits behind it. Who and why are kept. Throws `NotParked`. */
  skipParked(name: string, stream: StreamName, reason: Reason): Promise<void> {
    return this.reading.feeds.subscriptions.skip(name, stream, reason);
  }

  /**
   * Resolves when a subscription has handled the log up to a position, such as that of a receipt; in
   * whichever process it runs. Rejects with `WaitTimedOut`, or with `Parked` if the event there failed for
   * it or waits behind one that did: in both cases the event *is* stored. `UnknownSubscription` for a name
   * that neither the log nor the domain knows.
   */
  waitFor(name: string, position: number, options: WaitOptions = {}): Promise<void> {
    return this.reading.feeds.subscriptions.waitFor(name, position, options);
  }
}
