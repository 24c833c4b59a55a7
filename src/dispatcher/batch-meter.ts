import type { StoredEvent } from '../messages/event.js';
import type { Batch } from '../store/subscriptions.js';
import type { BatchRecord } from '../telemetry/channels.js';
import { FEED_CELL, type FeedTelemetry } from '../telemetry/feed-telemetry.js';
import { codeOf } from './failure.js';
import type { SubscriptionStatus } from './subscription-status.js';

const MAX_TRACES = 100;

/** Counts what becomes of the batches of one subscription, and publishes it where somebody listens. */
export class BatchMeter {
  private since = 0;
  private attempts = 0;

  constructor(
    private readonly name: string,
    private readonly telemetry: FeedTelemetry,
  ) {}

  /** A batch is tried now; `attempts`: how often before. */
  begin(attempts: number): void {
    this.since = performance.now();
    this.attempts = attempts;
  }

  /** It was handled up to a position. */
  handled({ events }: Batch, position: number): void {
    const { figures } = this.telemetry;
    const done = events.filter((event) => event.position <= position);
    const last = done.at(-1);
    if (!last) return;
    figures.add(FEED_CELL.events, done.length);
    figures.record(FEED_CELL.batchEvents, done.length);
    figures.recordMs(FEED_CELL.delay, Date.now() - last.recordedAt);
    this.tried('handled', done);
  }

  /** It comes again, at once, later or in smaller parts. */
  retried({ events }: Batch, error: unknown): void {
    this.telemetry.figures.add(FEED_CELL.retries);
    this.tried('failed', events, error);
  }

  /** Its one event failed for the last time. */
  parked(event: StoredEvent, error: unknown): void {
    this.telemetry.figures.add(FEED_CELL.parkedEvents);
    this.tried('parked', [event], error);
  }

  /** How the subscription stands, and how much of the log is before it. */
  stands({ position, parked, rebuild }: SubscriptionStatus, end: number | undefined): void {
    const { figures } = this.telemetry;
    figures.set(FEED_CELL.position, position);
    figures.set(FEED_CELL.lag, Math.max(0, (end ?? position) - position));
    figures.set(FEED_CELL.parkedStreams, parked);
    figures.set(FEED_CELL.rebuildEvents, rebuild?.events ?? 0);
    figures.set(FEED_CELL.rebuilt, rebuild ? rebuild.position / Math.max(1, rebuild.upTo) : 0);
  }

  private tried(
    result: BatchRecord['result'],
    events: readonly StoredEvent[],
    error?: unknown,
  ): void {
    const ms = performance.now() - this.since;
    this.telemetry.figures.recordMs(FEED_CELL.batchDuration, ms);
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last || !this.telemetry.hears('batch')) return;
    this.telemetry.publish('batch', {
      subscription: this.name,
      ...{ result, events: events.length, positions: [first.position, last.position] },
      attempt: this.attempts + 1,
      error: error === undefined ? undefined : nameOf(error),
      traceparents: traceparentsOf(events),
      delaySeconds: (Date.now() - last.recordedAt) / 1000,
      ...{ startedAt: Date.now() - ms, durationSeconds: ms / 1000 },
    });
  }
}

function nameOf(error: unknown): string {
  const code = codeOf(error);
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : typeof error;
}

function traceparentsOf(events: readonly StoredEvent[]): readonly string[] {
  const found = new Set<string>();
  for (const { metadata } of events) {
    if (found.size === MAX_TRACES) break;
    const traceparent = traceparentOf(metadata);
    if (traceparent !== undefined) found.add(traceparent);
  }
  return [...found];
}

/** Metadata that others have written may be anything. */
function traceparentOf(metadata: string): string | undefined {
  if (!metadata.includes('"traceparent"')) return undefined;
  try {
    const { traceparent } = JSON.parse(metadata) as { readonly traceparent?: unknown };
    return typeof traceparent === 'string' ? traceparent : undefined;
  } catch {
    return undefined;
  }
}
