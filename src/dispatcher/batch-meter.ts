import type { StoredEvent } from '../messages/event.js';
import type { Batch } from '../store/subscriptions.js';
import type { BatchRecord } from '../telemetry/channels.js';
import { FEED_CELL, type FeedTelemetry } from '../telemetry/feed-telemetry.js';
import { codeOf } from './failure.js';
import type { SubscriptionStatus } from './subscription-status.js';

const MAX_TRACES = 100;

/** One attempt at events. */
interface Trial {
  /** As `performance.now()`. */
  readonly since: number;
  readonly attempt: number;
  readonly error?: unknown;
}

/** Counts what becomes of the batches of one subscription, and publishes it where somebody listens. */
export class BatchMeter {
  private trial: Trial = { since: 0, attempt: 1 };

  constructor(
    private readonly name: string,
    private readonly telemetry: FeedTelemetry,
  ) {}

  /** A batch is tried now; `attempts`: how often before. */
  begin(attempts: number): void {
    this.trial = { since: performance.now(), attempt: attempts + 1 };
  }

  /** It was handled up to a position. */
  handled({ events }: Batch, position: number): void {
    const done = events.filter((event) => event.position <= position);
    this.succeeded(done, this.trial);
  }

  /** An event went on its own way, from `since` on. */
  finished(event: StoredEvent, since: number): void {
    this.succeeded([event], { since, attempt: 1 });
  }

  /** It comes again, at once, later or in smaller parts. */
  retried({ events }: Batch, error: unknown): void {
    this.failed(events, { ...this.trial, error });
  }

  /** An event on its own way is tried again. */
  retriedAlone(event: StoredEvent, trial: Trial): void {
    this.failed([event], trial);
  }

  /** Its one event failed for the last time. */
  parked(event: StoredEvent, error: unknown, { since, attempt }: Trial = this.trial): void {
    this.telemetry.figures.add(FEED_CELL.parkedEvents);
    this.tried('parked', [event], { since, attempt, error });
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

  private succeeded(events: readonly StoredEvent[], { since, attempt }: Trial): void {
    const { figures } = this.telemetry;
    const last = events.at(-1);
    if (!last) return;
    figures.add(FEED_CELL.events, events.length);
    figures.record(FEED_CELL.batchEvents, events.length);
    figures.recordMs(FEED_CELL.delay, Date.now() - last.recordedAt);
    this.tried('handled', events, { since, attempt });
  }

  private failed(events: readonly StoredEvent[], trial: Trial): void {
    this.telemetry.figures.add(FEED_CELL.retries);
    this.tried('failed', events, trial);
  }

  private tried(
    result: BatchRecord['result'],
    events: readonly StoredEvent[],
    { since, attempt, error }: Trial,
  ): void {
    const ms = performance.now() - since;
    this.telemetry.figures.recordMs(FEED_CELL.batchDuration, ms);
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last || !this.telemetry.hears('batch')) return;
    this.telemetry.publish('batch', {
      subscription: this.name,
      ...{ result, events: events.length, positions: [first.position, last.position] },
      attempt,
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
