import type { RetryOptions } from '../dispatcher/failure.js';
import type { Consumer, Standing, Tell } from '../dispatcher/subscription.js';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import type { Clock } from '../internal/clock.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import { type StoredTimer, type TimerChanges, type TimerTable, timerKey } from '../store/timers.js';
import { Alarm } from './alarm.js';
import { FIRING_RETRY, judgeDelivery } from './delivery.js';
import { timerIndex } from './timer-index.js';
import { type Firing, TimerMeter } from './timer-meter.js';
import type { TimerSource } from './timer-source.js';
import { TimerWindow } from './timer-window.js';

/*
 * Fires the timers of one source. Whoever holds the lease of the index fires: one process. That two fire at
 * once after a lease was lost does no harm, since the stream decides whether a timer is armed.
 *
 *   resting --index is live--> awake: load a page (the next one ahead), send what is due, sleep until the next is due
 *      ^                         |     woken by the alarm, a change in the log, a command's answer
 *      +--index is not ours------+
 *
 * A timer that was sent is held until the index has heard from the log that it ended, so that it is not
 * sent again from a page of the table that does not know yet.
 */

/** What an owner is made of. */
export interface OwnerParts {
  readonly source: TimerSource;
  readonly table: TimerTable;
  readonly clock: Clock;
  /** Timers in memory per page. Default 1 000. */
  readonly pageSize?: number;
  /** For commands that fail. */
  readonly retry?: RetryOptions;
}

interface Held {
  readonly timer: StoredTimer;
  attempts: number;
  /** It failed, and its next attempt is due later. */
  isResting: boolean;
  /** When it was decided, on the clock of `performance.now`; 0 while it is not. */
  firedAt: number;
}

/** States of an index that is behind, or in trouble, and still ours. */
const KEEPS_AWAKE: ReadonlySet<Standing['state']> = new Set(['catchingUp', 'retrying']);
const PAGE_SIZE = 1000;
/** Timers that are sent and not known to have ended: more are not begun. */
const MAX_HELD = 2000;
/** What the log has not confirmed for so long is loaded again; if it has fired, that is a no-op. */
const UNCONFIRMED_MS = 60_000;
const TABLE_RETRY: Backoff = { firstMs: 50, maxMs: 5000 };

export class TimerOwner {
  /** Keeps the table; to be run as a subscription. */
  readonly index: Consumer;
  private readonly window: TimerWindow;
  private readonly alarm: Alarm;
  private readonly held = new Map<string, Held>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private readonly meter = new TimerMeter();
  private tell: Tell = () => undefined;
  private isAwake = false;
  /** Raised whenever it rests: what was begun before does not count any more. */
  private term = 0;
  private working: Promise<void> | undefined;
  /** The next page, while there still are timers of this one. */
  private loading: Promise<boolean> | undefined;
  private isAsked = false;
  private committed = 0;
  private troubles = 0;
  /** Nothing was loaded since it woke. */
  private isNew = true;

  constructor(private readonly parts: OwnerParts) {
    const { source, table, clock, pageSize = PAGE_SIZE } = parts;
    this.window = new TimerWindow(pageSize);
    this.index = {
      ...timerIndex(source, table, (changes, position) => this.heard(changes, position)),
      measures: ['timers', 'timerLateness'],
      counts: (telemetry) => this.meter.countIn(telemetry),
      stands: (standing, tell) => this.stands(standing, tell),
      close: () => this.close(),
    };
    this.alarm = new Alarm(clock, () => this.ask());
  }

  /** Unix milliseconds at which the next timer is due; undefined where none is known. */
  get nextDue(): number | undefined {
    return this.window.nextDue;
  }

  /** Timers in memory, but for those on their way. */
  get size(): number {
    return this.window.size;
  }

  /** Nothing is due that was not fired, as far as the index has read, or is waiting for another attempt. */
  get isQuiet(): boolean {
    const due = this.window.nextDue ?? Number.POSITIVE_INFINITY;
    if (this.isBusy || this.window.needsLoad || due <= this.parts.clock.now()) return false;
    return this.isAwake && [...this.held.values()].every(({ isResting }) => isResting);
  }

  private stands({ state, position }: Standing, tell: Tell): void {
    this.tell = tell;
    this.committed = position;
    if (!this.isBusy) this.window.committed(position);
    if (state === 'live') this.awake();
    else if (!KEEPS_AWAKE.has(state)) this.rest();
  }

  /** Sends nothing any more; commands under way are decided all the same. */
  private async close(): Promise<void> {
    this.rest();
    this.alarm.end();
    await Promise.all([this.working, this.loading]);
  }

  private awake(): void {
    if (this.isAwake) return;
    this.isAwake = true;
    this.isNew = true;
    this.ask();
  }

  private rest(): void {
    if (!this.isAwake) return;
    this.isAwake = false;
    this.term += 1;
    this.alarm.set(undefined);
    this.window.forget();
    this.held.clear();
    for (const retry of this.retries) clearTimeout(retry);
    this.retries.clear();
  }

  private heard(changes: TimerChanges, position: number): void {
    for (const timer of changes.ended) {
      const held = this.held.get(timerKey(timer));
      if (held && held.timer.generation < timer.generation) this.held.delete(timerKey(timer));
    }
    this.window.heard(changes, position);
    this.ask();
  }

  // ---- one thing at a time

  private ask(): void {
    this.isAsked = true;
    if (!this.isAwake || this.working) return;
    this.working = this.work().finally(() => {
      this.working = undefined;
      this.caughtUp();
    });
  }

  /** A page may be on its way. */
  private get isBusy(): boolean {
    return this.working !== undefined || this.loading !== undefined;
  }

  private caughtUp(): void {
    if (!this.isBusy) this.window.committed(this.committed);
    if (this.isAsked) this.ask();
  }

  private async work(): Promise<void> {
    const { term } = this;
    await Promise.resolve(); // what is heard in one turn is worked on together
    this.isAsked = false;
    if (this.window.needsLoad && !(await (this.loading ?? this.load(term)))) return;
    if (term !== this.term) return;
    const now = this.parts.clock.now();
    for (const timer of this.window.takeDue(now, MAX_HELD - this.held.size)) this.begin(timer);
    if (this.window.needsLoad) this.isAsked ||= this.held.size < MAX_HELD;
    else if (this.held.size < MAX_HELD) this.alarm.set(this.window.nextDue);
    if (this.window.isLow && this.held.size < MAX_HELD) this.loadAhead(term);
  }

  /** Those that are due do not wait for it. */
  private loadAhead(term: number): void {
    this.loading ??= this.load(term).finally(() => {
      this.loading = undefined;
      this.isAsked = true;
      this.caughtUp();
    });
  }

  /** False if there is nothing to go on with. */
  private async load(term: number): Promise<boolean> {
    const { source, table, pageSize = PAGE_SIZE } = this.parts;
    const longAgo = performance.now() - UNCONFIRMED_MS;
    for (const [key, { firedAt }] of this.held)
      if (firedAt > 0 && firedAt < longAgo) this.held.delete(key);
    try {
      if (this.isNew) await table.retryFailed(source.stream);
      const limit = pageSize + this.held.size;
      const page = await table.upcoming(source.stream, limit);
      if (term !== this.term) return false;
      this.isNew = false;
      this.troubles = 0;
      this.window.load(page, limit, (timer) => this.isSent(timer));
      return true;
    } catch (error) {
      if (this.troubles === 0)
        this.tell('warning', `the timers of ${source.stream} cannot be read`, toPlainError(error));
      this.troubles += 1;
      this.later(backoffMs(TABLE_RETRY, this.troubles), () => this.ask());
      return false;
    }
  }

  /** It is on its way, or the log says soon that it ended. */
  private isSent(timer: StoredTimer): boolean {
    return this.held.get(timerKey(timer))?.timer.generation === timer.generation;
  }

  // ---- firing

  private begin(timer: StoredTimer): void {
    const held: Held = { timer, attempts: 0, isResting: false, firedAt: 0 };
    this.held.set(timerKey(timer), held);
    this.fire(held);
  }

  private fire(held: Held): void {
    held.attempts += 1;
    held.isResting = false;
    const { timer, attempts: attempt } = held;
    const sent = { timer, attempt, sentAt: this.parts.clock.now(), since: performance.now() };
    this.parts.source.fire(timer).then(
      () => {
        held.firedAt = performance.now();
        this.meter.tried(sent, 'fired');
      },
      (error: unknown) => this.failed(held, sent, error),
    );
  }

  private failed(held: Held, sent: Firing, error: unknown): void {
    if (!this.isHeld(held)) return; // it ended meanwhile, or another process fires now
    const verdict = judgeDelivery(error, held.attempts, this.parts.retry ?? FIRING_RETRY);
    this.meter.tried(sent, verdict.kind === 'again' ? 'retried' : 'failed');
    held.isResting = verdict.kind === 'again';
    if (verdict.kind === 'again')
      return this.later(verdict.afterMs, () => {
        if (this.isHeld(held)) this.fire(held);
      });
    void this.giveUp(held, toPlainError(error));
  }

  private async giveUp(held: Held, cause: PlainError): Promise<void> {
    const { table } = this.parts;
    const { timer, attempts } = held;
    try {
      await table.fail(timer, cause);
    } catch {
      return this.later(TABLE_RETRY.maxMs, () => void this.giveUp(held, cause));
    }
    if (!this.isHeld(held)) return;
    this.held.delete(timerKey(timer));
    const which = `The timer ${timer.key} of ${timer.source}/${timer.id}`;
    this.tell('error', `${which} failed ${attempts} times and waits: ${cause.message}`, cause);
    this.ask();
  }

  private isHeld(held: Held): boolean {
    return this.held.get(timerKey(held.timer)) === held;
  }

  private later(ms: number, work: () => void): void {
    const retry = setTimeout(() => {
      this.retries.delete(retry);
      work();
    }, ms).unref();
    this.retries.add(retry);
  }
}
