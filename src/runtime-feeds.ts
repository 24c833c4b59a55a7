import type { Domain } from './aggregate/domain.js';
import { readEvent } from './aggregate/read-event.js';
import {
  type CorrelationOptions,
  type CorrelationPage,
  type FoundCommand,
  findCommand,
  type Indexed,
  type KeyOfCommand,
  readCorrelation,
} from './client/indexed.js';
import { isWanted, type LiveFilter, type LiveOptions, streamFilter } from './client/live-filter.js';
import { type RecordedEvent, toRecorded } from './client/recorded-event.js';
import { liveEvents } from './dispatcher/live-events.js';
import type { SubscriptionInfo, WaitOptions } from './dispatcher/subscriptions.js';
import type { RebuildOptions } from './projection/operate.js';
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
    for await (const event of liveEvents(store, feeds.signal, { from })) {
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

  /**
   * Builds what a view or a projection has written anew, by the name of its subscription, as `rebuild` of
   * `runtime.view(...)` and `runtime.projection(...)` does. Throws `NotSupported` for any other subscription.
   */
  rebuild(name: string, options: RebuildOptions = {}): Promise<void> {
    return this.reading.feeds.operate(name, { kind: 'rebuild' }, options);
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
   * that neither the log nor the domain knows. Views in memory have always handled everything.
   */
  waitFor(name: string, position: number, options: WaitOptions = {}): Promise<void> {
    return this.reading.feeds.readers.waitFor(name, position, options);
  }

  /**
   * What became of a command by its id alone, from the index of command ids (option
   * `indexes: { commands: true }`; rejects with `NotIndexed` where no process has ever kept one). The index
   * is filled behind the commits: `notFound` says only that the command is not among the events up to
   * `index.position`. It may be above, be still on its way, or have left no events; so it never means "not
   * executed". A rejection or a no-op is found if the command had an idempotency key, and `key` names it, for
   * as long as outcomes are kept. For certainty about an `OutcomeUnknown` there is `outcome`.
   *
   * @example
   * const found = await runtime.command(commandId);
   * if (found.kind === 'accepted') console.log(found.events);
   */
  async command(commandId: string, key?: KeyOfCommand): Promise<FoundCommand> {
    return findCommand(this.indexed, commandId, key);
  }

  /**
   * The events of one correlation in all streams, reserved ones too, by position, a page at a time; each with
   * its causation id, so that a tree can be drawn. From the index of correlations (option
   * `indexes: { correlations: true }`; rejects with `NotIndexed` where no process has ever kept one), which
   * is filled behind the commits: what it does not hold yet is above `index.position`. An event that the
   * domain cannot read rejects with `StreamUnreadable`; an id that cannot be one with `InvalidQuery`.
   */
  async correlation(
    correlationId: string,
    options: CorrelationOptions = {},
  ): Promise<CorrelationPage> {
    return readCorrelation(this.indexed, correlationId, options);
  }

  private get indexed(): Indexed {
    const { store, domain, feeds } = this.reading;
    return { store, domain, subscriptions: feeds.subscriptions };
  }
}
