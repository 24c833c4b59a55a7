import { type FeedChannel, type FeedRecords, feedChannels, namesChannel } from './channels.js';
import { FEED_METRICS, type FeedMetricName, type FeedMetrics } from './feed-metrics.js';
import { Figures } from './figures.js';
import { Layout } from './layout.js';
import type { RecordOutbox } from './record-outbox.js';
import type { FeedRecord } from './records.js';

const layout = new Layout(FEED_METRICS);

/** Where each metric starts. */
export const FEED_CELL: Readonly<Record<FeedMetricName, number>> = layout.at;

/** Makes the memory for the figures of one subscription. */
export function createFeedFigures(): SharedArrayBuffer {
  return layout.create();
}

/** The figures of one subscription as they are now. */
export function readFeedFigures(memory: SharedArrayBuffer): FeedMetrics {
  return layout.read(memory);
}

/**
 * What one subscription counts and publishes. Figures are always counted; records are built only while
 * somebody listens: ask `hears` before making one.
 */
export class FeedTelemetry {
  readonly figures: Figures;

  /** `outbox`: where the host is another isolate, whose subscribers do not hear what is published here. */
  constructor(
    memory: SharedArrayBuffer = createFeedFigures(),
    private readonly outbox?: RecordOutbox<FeedRecord>,
  ) {
    this.figures = new Figures(memory);
  }

  hears(name: FeedChannel): boolean {
    return feedChannels[name].hasSubscribers || this.isForwarded(name);
  }

  publish<Name extends FeedChannel>(name: Name, record: FeedRecords[Name]): void {
    feedChannels[name].publish(record);
    if (!this.isForwarded(name)) return;
    if (!this.outbox?.send({ channel: name, record })) this.figures.add(FEED_CELL.dropped);
  }

  private isForwarded(name: FeedChannel): boolean {
    return this.outbox !== undefined && namesChannel(this.outbox.channels, name);
  }
}
