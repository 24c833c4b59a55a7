import { backoffMs } from '../internal/backoff.js';
import { deferred } from '../internal/deferred.js';
import { SetupError } from '../messages/errors.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type {
  Batch,
  Checkpoint,
  Claim,
  Hold,
  Renewed,
  StoredState,
} from '../store/subscriptions.js';
import { BatchMeter } from './batch-meter.js';
import { Batches } from './batches.js';
import { Beginning } from './beginning.js';
import { checkpointLost, codeDiffers, codeOf } from './failure.js';
import { Flow } from './flow.js';
import { Following } from './following.js';
import { Pace } from './gathering.js';
import { Handling } from './handling.js';
import { Rest } from './rest.js';
import type { RunnerParts } from './runner-parts.js';
import type {
  RebuildProgress,
  SubscriptionState,
  SubscriptionStatus,
} from './subscription-status.js';

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
  private isAsked = true;
  private isEnding = false;
  private troubles = 0;
  private readonly resting = new Rest();
  private readonly beginning: Beginning;
  private readonly handling: Handling;
  private readonly batches: Batches;
  /** Of a consumer that asks for tasks; batches are then only what has to be handled alone. */
  private readonly flow: Flow | undefined;
  private readonly meter: BatchMeter;
  private readonly pace: Pace;
  private readonly following: Following;
  private readonly running: Promise<void>;
  private readonly tried = deferred<void>();
  /** Resolves when it was tried to register and claim it: "from now" begins before that. */
  readonly begun = this.tried.promise;

  constructor(private readonly parts: RunnerParts) {
    this.handling = new Handling(parts);
    this.beginning = new Beginning(parts, () => this.rebuilding());
    this.following = new Following(parts);
    this.meter = new BatchMeter(parts.consumer.name, parts.telemetry);
    const ways = {
      ...{ ...parts, handling: this.handling, meter: this.meter },
      parked: (message: string, cause: PlainError) => parts.tell('warning', message, cause),
    };
    this.batches = new Batches({
      ...ways,
      failing: (cause) => this.enter('retrying', cause),
      pause: (ms) => this.resting.pause(ms),
    });
    this.flow =
      parts.consumer.tasks &&
      new Flow({
        ...ways,
        standing: () => this.standing,
        stored: (upTo) => this.saved(upTo),
        changed: () => this.flowed(),
      });
    const { effects, restMs } = parts.consumer;
    this.pace = new Pace(parts.turns, { isGathered: !effects, leastMs: restMs ?? 0 });
    this.running = this.run();
  }

  get status(): SubscriptionStatus {
    const { state, error, attempts } = this;
    const fallbacks = this.following.fallbacks + this.parts.tail.fallbacks;
    const { rebuild } = this.beginning;
    const parked = this.handling.parkedCount;
    const { name } = this.parts.consumer;
    const { position } = this.flow?.done ?? this.mark;
    return { name, state, position, error, attempts, parked, fallbacks, rebuild };
  }

  /** Position up to which it needs no event of the log any more; endless while it is not its turn. */
  get passed(): number {
    return this.hold ? this.mark.position : Number.POSITIVE_INFINITY;
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
    if (this.hold && row?.epoch !== this.hold.epoch) this.lose();
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
    await this.flow?.close(this.storedState);
    this.rewind();
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
    this.following.begin();
    this.isAsked = true;
    if (claim.suspect) this.batches.size.suspect(claim.suspect.upTo);
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
    if (this.flow && !this.batches.size.isAlone) return this.flowOn(this.flow);
    const batch = await this.pace.run(() => this.work());
    const size = batch?.events.length ?? 0;
    const isFull = size === this.batches.size.next;
    const restMs = this.pace.after(size, { isLive: this.state === 'live', isFull });
    if (restMs > 0) await this.resting.pause(restMs);
    return batch !== undefined;
  }

  /** Takes the next batch, and gives it. */
  private async work(): Promise<Batch | undefined> {
    const batch = await this.next(this.batches.size.next);
    if (batch && batch.events.length > 0) await this.handle(batch);
    else if (batch) this.mark = batch.upTo;
    if (batch) this.changed();
    if (!batch?.events.length) await this.save(IDLE_SAVE_MS);
    return batch;
  }

  /** As `step`, while the tasks of earlier batches are under way. */
  private async flowOn(flow: Flow): Promise<boolean> {
    if (!flow.isBegun) await flow.begin();
    await flow.settle(this.storedState);
    const { trouble, room } = flow;
    const batch = room > 0 ? await this.next(room) : undefined;
    if (trouble) this.enter('retrying', toPlainError(trouble.error));
    if (!batch) return false;
    await flow.take(batch);
    this.mark = batch.upTo;
    this.changed();
    return true;
  }

  /** Something in the flow is finished, or fails. */
  private flowed(): void {
    this.changed();
    if (this.flow?.isPressing) this.resting.poke();
  }

  /** Tries a parked stream again that an operator has asked for. */
  private async serve(): Promise<boolean> {
    await this.flow?.saved();
    this.isAsked = false;
    if (!(await this.handling.serve(this.standing))) return false;
    this.isAsked = true; // there may be more
    this.rewind();
    return true;
  }

  /** What was passed over behind the checkpoint, since its stream was parked, comes again. */
  private rewind(): void {
    if (!this.flow) return;
    this.flow.end();
    this.mark = this.stored;
  }

  private async next(limit: number): Promise<Batch | undefined> {
    const { end } = this.parts.tail;
    if (!end) return undefined;
    if (this.following.isLost) {
      this.resting.poke(); // to be had again at once, on the log as it is now
      return this.lose();
    }
    const after = this.mark.position;
    const held = this.following.held(after, limit, this.state === 'live');
    if (this.attempts === 0) this.enter(held ? 'live' : 'catchingUp');
    if (held) return held.upTo.position > after ? held : undefined;
    return this.following.page(after, end, limit);
  }

  private async handle(batch: Batch): Promise<void> {
    const upTo = await this.batches.handle(batch, this.standing, this.storedState);
    if (!upTo) return;
    this.mark = upTo;
    this.error = undefined;
    this.saved(upTo);
  }

  // ---- where it stands

  private get standing() {
    return { hold: this.hold as Hold, stored: this.stored, mark: this.mark };
  }

  private get storedState(): StoredState {
    return this.state === 'live' ? 'live' : 'catchingUp';
  }

  private saved(upTo: Checkpoint): void {
    this.stored = upTo;
    this.savedAt = performance.now();
  }

  /** At what fails now. */
  private get attempts(): number {
    return Math.max(this.batches.attempts, this.flow?.trouble?.attempts ?? 0);
  }

  /** Raises the checkpoint to where was read, if that was not done for some time. */
  private async save(afterMs: number): Promise<void> {
    if (this.mark.position <= this.stored.position || this.attempts > 0) return;
    if (performance.now() - this.savedAt < afterMs) return;
    const { mark } = this;
    const isSaved = await this.parts.store.advance(this.hold as Hold, mark, this.storedState);
    if (!isSaved) return void this.lose();
    this.saved(mark);
  }

  private lose(): undefined {
    this.rewind();
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
    const { hold } = this;
    this.rewind();
    if (hold) await this.parts.store.stop(hold, cause).catch(() => undefined);
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
    const isFull = this.flow?.isFull === true; // then it rests until there is room
    if (!isFull && this.following.goesOn(this.mark)) return;
    const ms = this.mark.position <= this.stored.position ? POLL_MS : IDLE_SAVE_MS;
    if (isFull) return this.resting.pause(ms);
    await this.following.grown(this.resting, ms, (upTo) => this.pass(upTo));
  }

  /** Nobody wants what has come, up to there; it rests on, unless its checkpoint should be raised. */
  private pass(upTo: Checkpoint): void {
    if (!this.hold || performance.now() - this.savedAt >= IDLE_SAVE_MS) return this.resting.poke();
    this.flow?.pass(upTo);
    this.mark = upTo;
    this.changed();
  }

  private enter(state: SubscriptionState, error?: PlainError): void {
    if (this.state === state && this.error?.message === error?.message) return;
    this.state = state;
    this.error = error;
    this.changed();
  }

  private changed(): void {
    const { status } = this;
    this.meter.stands(status, this.parts.tail.end?.position);
    this.parts.changed(status);
  }
}
