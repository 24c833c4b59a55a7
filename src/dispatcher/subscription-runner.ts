import { backoffMs } from '../internal/backoff.js';
import { deferred } from '../internal/deferred.js';
import { SetupError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Store } from '../store/store.js';
import type {
  Batch,
  Checkpoint,
  Claim,
  Hold,
  Renewed,
  StoredState,
} from '../store/subscriptions.js';
import { BatchSize } from './batch-size.js';
import { Beginning } from './beginning.js';
import {
  cannotHandle,
  checkpointLost,
  codeDiffers,
  codeOf,
  DEFAULT_RETRY,
  type RetryOptions,
  verdictOn,
} from './failure.js';
import { Pace, type Turns } from './gathering.js';
import { firstOf, Handling, type HandlingParts } from './handling.js';
import type { LogTail } from './log-tail.js';
import { Rest } from './rest.js';
import { matcher } from './stored-filter.js';
import type {
  RebuildProgress,
  SubscriptionState,
  SubscriptionStatus,
} from './subscription-status.js';

/** What a runner is made of. */
export interface RunnerParts extends HandlingParts {
  readonly log: Pick<Store, 'settledEnd'>;
  readonly tail: LogTail;
  /** Shared by all of a thread. */
  readonly turns: Turns;
  /** Names this start of a process; unique. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly retry?: RetryOptions;
  /** Events per batch at most. Default 1 000. */
  readonly batchEvents?: number;
  /** Told of each change of its status. */
  changed(status: SubscriptionStatus): void;
  /** Told when it stops by itself, or a stream is parked. */
  tell(kind: 'error' | 'warning', message: string, cause: PlainError): void;
}

/** How often a checkpoint is raised past events that nobody wants. Milliseconds. */
const IDLE_SAVE_MS = 100;
const POLL_MS = 500;
const LOOKS_PER_LEASE = 3;
const RECOVERY = { firstMs: 20, maxMs: 2000 };

/** Runs one subscription, or stands by; see `SubscriptionState`. */
export class SubscriptionRunner {
  private state: SubscriptionState = 'starting';
  private error: PlainError | undefined;
  private hold: Hold | undefined;
  private stored: Checkpoint = { position: 0, commandId: '' };
  private mark = this.stored;
  private savedAt = 0;
  private histories = 0;
  private isAsked = true;
  private isEnding = false;
  private attempts = 0;
  private troubles = 0;
  private fallbacks = 0;
  private readonly resting = new Rest();
  private readonly beginning: Beginning;
  private readonly handling: Handling;
  private readonly size: BatchSize;
  private readonly pace: Pace;
  private readonly isEach: boolean;
  private readonly matches: (event: StoredEvent) => boolean;
  private readonly running: Promise<void>;
  private readonly tried = deferred<void>();

  constructor(private readonly parts: RunnerParts) {
    this.handling = new Handling(parts);
    this.beginning = new Beginning(parts, () => this.rebuilding());
    this.matches = matcher(parts.wanted);
    this.isEach = parts.consumer.effects === 'each';
    this.size = new BatchSize(this.isEach, parts.batchEvents);
    this.pace = new Pace(parts.turns, !parts.consumer.effects);
    this.running = this.run();
  }

  get status(): SubscriptionStatus {
    const { state, error, attempts } = this;
    const fallbacks = this.fallbacks + this.parts.tail.fallbacks;
    const { rebuild } = this.beginning;
    const parked = this.handling.parkedCount;
    const [{ name }, { position }] = [this.parts.consumer, this.mark];
    return { name, state, position, error, attempts, parked, fallbacks, rebuild };
  }

  /** Resolves when it was tried to register and claim it: "from now" begins before that. */
  get begun(): Promise<void> {
    return this.tried.promise;
  }

  /** Looks at once whether an operator has asked for something. */
  poke(): void {
    this.isAsked = true;
    this.resting.poke();
  }

  /** Shows how far a rebuild of what it writes has come. */
  show(rebuild: RebuildProgress | undefined): void {
    this.beginning.rebuild = rebuild;
    this.changed();
  }

  /** How its row stands; `undefined` where it is not held any more. */
  renewed(row: Renewed | undefined): void {
    if (this.hold && row?.epoch !== this.hold.epoch) this.hold = undefined;
    if (!this.hold || row?.isAsked) this.poke();
  }

  /** Ends when the batch under way has. */
  async stop(): Promise<void> {
    this.isEnding = true;
    this.beginning.end();
    this.handling.end();
    this.tried.resolve();
    this.resting.end();
    await this.running;
    await this.parts.consumer.close?.().catch(() => undefined); // what it had is safe already
  }

  private async run(): Promise<void> {
    while (!this.isEnding) {
      try {
        const isMine = this.hold !== undefined || (await this.claim());
        this.tried.resolve();
        if (isMine && (await this.step())) continue;
        this.troubles = 0;
      } catch (error) {
        await this.recover(error);
        continue;
      }
      await this.rest();
    }
    if (this.hold && this.state !== 'stopped') await this.save(0).catch(() => undefined);
  }

  // ---- whose it is

  private async claim(): Promise<boolean> {
    const { consumer, owner, store } = this.parts;
    await this.beginning.ready();
    const claim = await store.claim(consumer, owner);
    if (claim.kind === 'granted') return this.take(claim);
    if (claim.kind === 'held') this.enter('standby');
    else if (claim.kind === 'paused') this.enter('paused');
    else if (claim.kind === 'stopped') this.enter('stopped', claim.error);
    else this.giveUp(codeDiffers(consumer.name, consumer, claim));
    return false;
  }

  private async take(claim: Extract<Claim, { kind: 'granted' }>): Promise<boolean> {
    this.hold = claim.hold;
    this.stored = claim.checkpoint;
    this.mark = claim.checkpoint;
    this.histories = this.parts.tail.histories;
    this.isAsked = true;
    if (claim.suspect) this.size.suspect(claim.suspect.upTo);
    if (!claim.isAnchored) throw checkpointLost(claim.hold.name, claim.checkpoint.position);
    await this.handling.begin();
    this.enter('catchingUp');
    return true;
  }

  private rebuilding(): void {
    this.tried.resolve(); // it may take long
    this.enter('rebuilding');
    this.changed();
  }

  // ---- what it does

  /** True if there may be more to do at once. */
  private async step(): Promise<boolean> {
    if (this.isAsked && (await this.serve())) return true;
    const batch = await this.pace.run(() => this.work());
    const size = batch?.events.length ?? 0;
    const isFull = size === this.size.next;
    const restMs = this.pace.after(size, { isLive: this.state === 'live', isFull });
    if (restMs > 0) await this.resting.pause(restMs);
    return batch !== undefined;
  }

  /** Takes the next batch, and gives it. */
  private async work(): Promise<Batch | undefined> {
    const batch = await this.next();
    if (batch && batch.events.length > 0) await this.handle(batch);
    else if (batch) this.mark = batch.upTo;
    if (batch) this.changed();
    if (!batch?.events.length) await this.save(IDLE_SAVE_MS);
    return batch;
  }

  /** Tries a parked stream again that an operator has asked for. */
  private async serve(): Promise<boolean> {
    const { store } = this.parts;
    const stream = await store.nextRequest(this.hold as Hold);
    this.isAsked = stream !== undefined;
    if (!stream) return false;
    try {
      await this.handling.retry(this.standing, stream);
    } catch (error) {
      if (verdictOn(error, { size: 1, attempt: 1, isNarrowed: true }, ONCE) !== 'park') throw error;
      await store.retryFailed(this.hold as Hold, stream, toPlainError(error));
    }
    return true;
  }

  private async next(): Promise<Batch | undefined> {
    const { store, tail, wanted } = this.parts;
    const { end } = tail;
    if (!end) return undefined;
    if (tail.histories !== this.histories) return this.lose();
    const after = this.mark.position;
    const held = tail.after(after, this.size.next, this.matches);
    if (!held && this.state === 'live') this.fallbacks += 1;
    const isBusy = this.attempts > 0;
    if (!isBusy) this.enter(held ? 'live' : 'catchingUp');
    if (held) return held.upTo.position > after ? held : undefined;
    return store.page({ filter: wanted, after, upTo: end, limit: this.size.next });
  }

  private async handle(batch: Batch): Promise<void> {
    const { isAlone } = this.size;
    try {
      const how = { state: this.storedState, isAlone };
      this.passed(await this.handling.handle(this.standing, batch, how));
    } catch (error) {
      await this.fail(this.isEach ? firstOf(batch) : batch, error);
    }
  }

  private passed(upTo: Checkpoint): void {
    this.mark = upTo;
    this.stored = upTo;
    this.savedAt = performance.now();
    this.attempts = 0;
    this.error = undefined;
    this.size.passed(upTo.position);
  }

  private async fail({ events, upTo }: Batch, error: unknown): Promise<void> {
    const { retry = DEFAULT_RETRY, store } = this.parts;
    const size = events.length;
    const attempt = this.attempts + 1;
    const verdict = verdictOn(error, { size, attempt, isNarrowed: this.size.isNarrowed }, retry);
    if (verdict === 'wait' || verdict === 'lost') throw error;
    if (codeOf(error) === 'CheckpointLost') throw error;
    this.attempts = attempt;
    const cause = toPlainError(error);
    this.enter('retrying', cause);
    if (verdict === 'park') return this.park(events.at(-1) as StoredEvent, cause);
    if (verdict === 'halve') {
      this.attempts = 0;
      return this.size.halve(size, upTo.position);
    }
    this.size.again(size, upTo.position);
    await store.failed(this.hold as Hold, attempt, cause);
    await this.resting.pause(backoffMs(retry, attempt));
  }

  private async park(event: StoredEvent, cause: PlainError): Promise<void> {
    const { consumer, tell } = this.parts;
    await this.handling.park(this.standing, event, this.attempts, cause);
    this.passed({ position: event.position, commandId: event.commandId });
    tell('warning', `${cannotHandle(consumer.name, event)}: ${cause.message}`, cause);
  }

  // ---- where it stands

  private get standing() {
    return { hold: this.hold as Hold, stored: this.stored, mark: this.mark };
  }

  private get storedState(): StoredState {
    return this.state === 'live' ? 'live' : 'catchingUp';
  }

  /** Raises the checkpoint to where was read, if that was not done for some time. */
  private async save(afterMs: number): Promise<void> {
    if (this.mark.position <= this.stored.position || this.attempts > 0) return;
    if (performance.now() - this.savedAt < afterMs) return;
    const { mark } = this;
    const isSaved = await this.parts.store.advance(this.hold as Hold, mark, this.storedState);
    if (!isSaved) return void this.lose();
    this.stored = mark;
    this.savedAt = performance.now();
  }

  private lose(): undefined {
    this.hold = undefined;
    this.parts.tail.wake();
  }

  private async recover(error: unknown): Promise<void> {
    this.troubles += 1;
    this.tried.resolve();
    const code = codeOf(error);
    if (code === 'CheckpointLost') await this.stopLoudly(error);
    else if (error instanceof SetupError) this.giveUp(error);
    else if (code === 'LeaseLost') this.lose();
    else this.enter('retrying', toPlainError(error));
    const standbyMs = this.parts.leaseMs / LOOKS_PER_LEASE;
    const waitMs = this.state === 'stopped' ? standbyMs : backoffMs(RECOVERY, this.troubles);
    await this.resting.pause(waitMs);
  }

  private async stopLoudly(error: unknown): Promise<void> {
    const cause = toPlainError(error);
    if (this.hold) await this.parts.store.stop(this.hold, cause).catch(() => undefined);
    this.hold = undefined;
    this.giveUp(error);
  }

  /** Stops, in this process; tells it once. */
  private giveUp(error: unknown): void {
    const cause = toPlainError(error);
    if (this.state !== 'stopped') this.parts.tell('error', cause.message, cause);
    this.enter('stopped', cause);
  }

  /** Until the log has grown, or it is time to look whether the subscription can be had. */
  private async rest(): Promise<void> {
    if (!this.hold) return this.resting.pause(this.parts.leaseMs / LOOKS_PER_LEASE);
    const isSaved = this.mark.position <= this.stored.position;
    const signal = this.resting.begin();
    await this.parts.tail.grown(this.mark.position, isSaved ? POLL_MS : IDLE_SAVE_MS, signal);
  }

  private enter(state: SubscriptionState, error?: PlainError): void {
    if (this.state === state && this.error?.message === error?.message) return;
    this.state = state;
    this.error = error;
    this.changed();
  }

  private changed(): void {
    this.parts.changed(this.status);
  }
}

const ONCE: RetryOptions = { attempts: 1, firstMs: 0, maxMs: 0 };
