import { backoffMs } from '../internal/backoff.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Batch, Checkpoint, StoredState } from '../store/subscriptions.js';
import type { BatchMeter } from './batch-meter.js';
import { BatchSize } from './batch-size.js';
import { cannotHandle, codeOf, DEFAULT_RETRY, type RetryOptions, verdictOn } from './failure.js';
import { firstOf, type Handling, type HandlingParts, placeOf, type Standing } from './handling.js';

/** What batches are handled with. */
export interface BatchesParts extends HandlingParts {
  readonly handling: Handling;
  readonly meter: BatchMeter;
  readonly retry?: RetryOptions;
  /** Events per batch at most. Default 1 000. */
  readonly batchEvents?: number;
  /** A batch has failed, and is tried again or made smaller. */
  failing(cause: PlainError): void;
  /** A stream is parked. */
  parked(message: string, cause: PlainError): void;
  pause(ms: number): Promise<void>;
}

/** Handles the batches of one subscription one after the other: again, halved and parked where they fail. */
export class Batches {
  readonly size: BatchSize;
  /** At the batch that fails. */
  attempts = 0;
  private readonly isEach: boolean;

  constructor(private readonly parts: BatchesParts) {
    this.isEach = parts.consumer.effects === 'each';
    this.size = new BatchSize(this.isEach, parts.batchEvents);
  }

  /**
   * Handles a batch; gives the place up to which all is handled or parked, or nothing where it comes again.
   * Rejects with what is nobody's fault, or means that the subscription is lost.
   */
  async handle(
    batch: Batch,
    standing: Standing,
    state: StoredState,
  ): Promise<Checkpoint | undefined> {
    const { isAlone } = this.size;
    const { handling, meter } = this.parts;
    meter.begin(this.attempts);
    try {
      const upTo = await handling.handle(standing, batch, { state, isAlone });
      meter.handled(batch, upTo.position);
      return this.passed(upTo);
    } catch (error) {
      return this.fail(this.isEach ? firstOf(batch) : batch, standing, error);
    }
  }

  private passed(upTo: Checkpoint): Checkpoint {
    this.attempts = 0;
    this.size.passed(upTo.position);
    return upTo;
  }

  private async fail(
    batch: Batch,
    standing: Standing,
    error: unknown,
  ): Promise<Checkpoint | undefined> {
    const { failing, pause, retry = DEFAULT_RETRY, store } = this.parts;
    const { position } = batch.upTo;
    const size = batch.events.length;
    const attempt = this.attempts + 1;
    const verdict = verdictOn(error, { size, attempt, isNarrowed: this.size.isNarrowed }, retry);
    if (verdict === 'wait' || verdict === 'lost') throw error;
    if (codeOf(error) === 'CheckpointLost') throw error;
    this.attempts = attempt;
    const cause = toPlainError(error);
    failing(cause);
    if (verdict === 'park') return this.park(batch, standing, cause);
    this.parts.meter.retried(batch, error);
    if (verdict === 'halve') {
      this.attempts = 0;
      this.size.halve(size, position);
      return undefined;
    }
    this.size.again(size, position);
    await store.failed(standing.hold, attempt, cause);
    await pause(backoffMs(retry, attempt));
    return undefined;
  }

  private async park(
    { events }: Batch,
    standing: Standing,
    error: PlainError,
  ): Promise<Checkpoint | undefined> {
    const { consumer, handling, meter, parked } = this.parts;
    const event = events.at(-1);
    if (!event) return undefined;
    await handling.park(standing, event, { attempts: this.attempts, error });
    meter.parked(event, error);
    parked(`${cannotHandle(consumer.name, event)}: ${error.message}`, error);
    return this.passed(placeOf(event));
  }
}
