import { feedChannels, subscribedFeedChannels } from './channels.js';
import type { FeedMetricName, FeedMetrics } from './feed-metrics.js';
import { createFeedFigures, readFeedFigures } from './feed-telemetry.js';
import { SILENT } from './log.js';
import type { FeedRecord, Interest } from './records.js';

/** Figures of one subscription, in the process that runs it. */
export interface SubscriptionMetrics {
  readonly subscription: string;
  /** Of what only some subscriptions count (sagas, timers), what this one does. */
  readonly measures: readonly FeedMetricName[];
  readonly metrics: FeedMetrics;
}

interface Counted {
  readonly name: string;
  readonly measures?: readonly FeedMetricName[];
}

/** What the host counts of subscriptions and hears from the processor, across the starts of its thread. */
export class HostFeeds {
  /** One for each subscription, in their order. */
  readonly memories: readonly SharedArrayBuffer[];
  private told = -1;
  private taken = 0;

  constructor(private readonly consumers: readonly Counted[]) {
    this.memories = consumers.map(createFeedFigures);
  }

  /** The figures as they are now. */
  read(): readonly SubscriptionMetrics[] {
    return this.consumers.map(({ name, measures = [] }, i) => ({
      ...{ subscription: name, measures },
      metrics: readFeedFigures(this.memories[i] as SharedArrayBuffer),
    }));
  }

  /** What the processor has to be told: who listens, and how many records were taken. */
  news(): { readonly listen: Interest; readonly heard: number } | undefined {
    const channels = subscribedFeedChannels();
    if (channels === this.told && this.taken === 0) return undefined;
    const heard = this.taken;
    this.told = channels;
    this.taken = 0;
    return { listen: { channels, level: SILENT }, heard };
  }

  /** A new thread knows nothing. */
  forget(): void {
    this.told = -1;
    this.taken = 0;
  }

  take(records: readonly FeedRecord[]): void {
    this.taken += records.length;
    for (const { channel, record } of records) feedChannels[channel].publish(record);
  }
}
