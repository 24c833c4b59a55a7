import { within } from '../internal/within.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Batch, Checkpoint, Hold, StoredState } from '../store/subscriptions.js';
import type { BatchMeter } from './batch-meter.js';
import { cannotHandle, DEFAULT_RETRY, outdated, type RetryOptions } from './failure.js';
import { type Handling, type HandlingParts, placeOf, type Standing } from './handling.js';
import { Pipeline, type Trouble } from './pipeline.js';
import type { Entry } from './under-way.js';

/*
 * Batches of a consumer that asks for tasks: the next one is taken while the tasks of those before are under
 * way. No transaction is opened before an effect: who has lost the subscription hears of it when its
 * checkpoint is raised, and what it has sent until then is known by its keys.
 *
 * Which streams are parked was read at the beginning. Whoever changes that has what lies behind the stored
 * checkpoint read again: it may have been passed over.
 */

/** What a flow is made of. */
export interface FlowParts extends HandlingParts {
  readonly handling: Handling;
  readonly meter: BatchMeter;
  readonly retry?: RetryOptions;
  /** Where its runner stands now. */
  standing(): Standing;
  /** The stored checkpoint stands there now. */
  stored(upTo: Checkpoint): void;
  /** Something is finished, or fails. */
  changed(): void;
  /** A stream is parked. */
  parked(message: string, cause: PlainError): void;
}

/** How often its checkpoint is raised at most. Milliseconds. */
const SAVE_MS = 100;
/** Longest time that those under way are waited for at the end. Milliseconds. */
const LAST_MS = 1000;

/** Handles the events of one subscription each on its own way, with one lazily raised checkpoint. */
export class Flow {
  private pipeline: Pipeline | undefined;
  /** The changes of what is parked that are known. */
  private known = -1;
  private savedAt = 0;
  private saving: Promise<void> | undefined;
  private failure: unknown;

  constructor(private readonly parts: FlowParts) {}

  get isBegun(): boolean {
    return this.pipeline !== undefined;
  }

  /** All up to there is finished; `undefined` where nothing flows. */
  get done(): Checkpoint | undefined {
    return this.pipeline?.done;
  }

  /** Events that may be taken now. */
  get room(): number {
    return this.pipeline?.room ?? 0;
  }

  get trouble(): Trouble | undefined {
    return this.pipeline?.trouble;
  }

  /** When somebody looked last, there was no room. */
  isFull = false;

  /** Somebody has to look at it: see `settle`. */
  get isPressing(): boolean {
    const { failure, pipeline } = this;
    if (!pipeline) return false;
    const { lost, givenUp, room } = pipeline;
    return (failure ?? lost ?? givenUp) !== undefined || (this.isFull && room > 0);
  }

  /** Begins at the stored checkpoint. Rejects as `Handling.look`. */
  async begin(): Promise<void> {
    const { consumer, handling, lift, retry = DEFAULT_RETRY, standing } = this.parts;
    this.known = await handling.look(standing());
    this.failure = undefined;
    this.pipeline = new Pipeline(standing().stored, {
      ...{ ...this.parts, retry },
      isOpen: handling.isOpen,
      tasksOf: (event) =>
        handling.passing(lift(event)).flatMap((one) => consumer.tasks?.(one) ?? []),
    });
  }

  /** Nobody wants what follows the last batch, up to there. */
  pass(upTo: Checkpoint): void {
    this.pipeline?.take({ events: [], upTo });
  }

  take(batch: Batch): Promise<void> {
    return this.parts.turnstile.pass(false, async () => this.pipeline?.take(batch));
  }

  /**
   * Parks what was given up, and has the checkpoint raised if that is due. Rejects with what ends the flow:
   * `LeaseLost`, `StoreUnavailable`.
   */
  async settle(state: StoredState): Promise<void> {
    const { failure, pipeline } = this;
    const { handling, standing } = this.parts;
    if (!pipeline) return;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    if (pipeline.lost !== undefined) await handling.leave(standing().hold, pipeline.lost);
    for (let entry = pipeline.givenUp; entry; entry = pipeline.givenUp)
      await this.park(pipeline, entry);
    this.save(state, SAVE_MS);
    this.isFull = pipeline.room === 0;
  }

  /** Resolves when no checkpoint is being raised. */
  async saved(): Promise<void> {
    await this.saving;
  }

  /** Ends what is under way, and raises the checkpoint to what is finished. */
  async close(state: StoredState): Promise<void> {
    const { pipeline } = this;
    if (!pipeline) return;
    pipeline.end();
    await within(LAST_MS, pipeline.ended());
    await this.saving;
    this.save(state, 0);
    await this.saving;
    this.end();
  }

  /** Begins nothing more; what is finished later does not count. */
  end(): void {
    this.pipeline?.end();
    this.pipeline = undefined;
    this.isFull = false;
  }

  private async park(pipeline: Pipeline, entry: Entry): Promise<void> {
    const { consumer, handling, meter, standing, stored, parked } = this.parts;
    const { event, givenUp } = entry;
    if (!handling.isOpen(event) || !givenUp) return pipeline.parked(entry);
    await this.saving;
    const cause = toPlainError(givenUp.error);
    this.known = await handling.park(standing(), event, {
      ...{ attempts: givenUp.attempts, error: cause },
      known: this.known,
    });
    stored(placeOf(event));
    pipeline.parked(entry);
    meter.parked(event, givenUp.error, { since: entry.since, attempt: givenUp.attempts });
    parked(`${cannotHandle(consumer.name, event)}: ${cause.message}`, cause);
  }

  /** Goes on meanwhile; a failure is heard by `settle`. */
  private save(state: StoredState, afterMs: number): void {
    const { pipeline } = this;
    const { hold, stored } = this.parts.standing();
    if (this.saving || !pipeline || pipeline.done.position <= stored.position) return;
    if (performance.now() - this.savedAt < afterMs) return;
    this.saving = this.saveNow(hold, pipeline, state)
      .catch((error: unknown) => {
        if (this.pipeline === pipeline) this.failure = error;
      })
      .finally(() => {
        this.saving = undefined;
        this.savedAt = performance.now();
      });
  }

  private async saveNow(hold: Hold, pipeline: Pipeline, state: StoredState): Promise<void> {
    const { consumer, store, stored } = this.parts;
    const { done } = pipeline;
    const isSaved = await store.advance(hold, done, state, this.known);
    if (!isSaved) throw outdated(consumer.name);
    if (this.pipeline === pipeline) stored(done);
  }
}
