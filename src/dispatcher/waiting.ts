import { TroupeError } from '../messages/errors.js';
import type { ParkedEvent, Progress, SubscriptionStore } from '../store/subscriptions.js';
import type { SubscriptionStatus } from './subscription-status.js';

/*
 * Who waits for a subscription to have handled a position. One that runs in this process tells of each
 * batch, and costs the database nothing. Of all others one statement asks, for all who wait, however many
 * they are: every few milliseconds while they get on, less and less often while they do not.
 *
 *   waiting --reached--> resolved
 *      |----parked, and nobody has asked to try it again--> Parked
 *      |----too long--> WaitTimedOut
 *      +----the runtime stops--> Stopping
 */

/** What waiting is made of. */
export interface WaitingParts {
  readonly store: Pick<SubscriptionStore, 'progress' | 'reached'>;
  /** What a subscription says that runs here, or stands by. */
  status(name: string): SubscriptionStatus | undefined;
}

interface Waiter {
  readonly name: string;
  readonly position: number;
  /** How far it was when it was asked last. */
  at: number;
  settle(error?: Error): void;
}

/** How often is asked while what is waited for gets on. Milliseconds. */
const PACE_MS = 2;
const SLOWEST_MS = 50;
const SLOWER = 1.5;
/** How often is asked about what runs here: it may have been lost unheard. Milliseconds. */
const BACKSTOP_MS = 500;

/** All who wait in one process. */
export class Waiting {
  private readonly waiters = new Map<string, Set<Waiter>>();
  private readonly positions = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private paceMs = PACE_MS;
  private isAsking = false;
  private isOver = false;

  constructor(private readonly parts: WaitingParts) {}

  /** Resolves when the position is handled; rejects with `Parked`, `WaitTimedOut` or `Stopping`. */
  until(name: string, position: number, timeoutMs: number): Promise<void> {
    if (this.isOver) return Promise.reject(stopping(name, position));
    if (this.isHandledHere(name, position)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        ...{ name, position, at: 0 },
        settle: (error) => {
          clearTimeout(timer);
          this.remove(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      const timer = setTimeout(() => void this.giveUp(waiter, timeoutMs), timeoutMs);
      this.add(waiter);
      this.schedule();
    });
  }

  /** A subscription here has changed. */
  changed({ name }: SubscriptionStatus): void {
    const mine = this.waiters.get(name);
    if (!mine) return;
    for (const waiter of mine) if (this.isHandledHere(name, waiter.position)) waiter.settle();
    this.schedule();
  }

  /** Ends all waiting. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    for (const waiter of [...this.waiters.values()].flatMap((mine) => [...mine]))
      waiter.settle(stopping(waiter.name, waiter.position));
  }

  private add(waiter: Waiter): void {
    const mine = this.waiters.get(waiter.name);
    if (mine) mine.add(waiter);
    else this.waiters.set(waiter.name, new Set([waiter]));
  }

  private remove(waiter: Waiter): void {
    const mine = this.waiters.get(waiter.name);
    mine?.delete(waiter);
    if (mine?.size === 0) this.waiters.delete(waiter.name);
  }

  private isHandledHere(name: string, position: number): boolean {
    const status = this.parts.status(name);
    return (
      status !== undefined &&
      isRunning(status) &&
      status.parked === 0 &&
      status.position >= position
    );
  }

  /** Only the database knows how it stands. */
  private isElsewhere(name: string): boolean {
    const status = this.parts.status(name);
    return status === undefined || !isRunning(status) || status.parked > 0;
  }

  /** Asks after the time that fits those who wait, or sooner if that is planned already. */
  private schedule(): void {
    if (this.isAsking || this.isOver || this.waiters.size === 0) return;
    const isElsewhere = [...this.waiters.keys()].some((name) => this.isElsewhere(name));
    const delayMs = isElsewhere ? this.paceMs : BACKSTOP_MS;
    const dueAt = performance.now() + delayMs;
    if (dueAt >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => void this.ask(), delayMs).unref(); // who waits keeps the process
  }

  private async ask(): Promise<void> {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.waiters.size === 0) return this.rest();
    this.isAsking = true;
    let getsOn = false;
    try {
      const rows = await this.parts.store.progress([...this.waiters.keys()]);
      for (const row of rows) getsOn = this.note(row) || getsOn;
      await Promise.all(rows.map((row) => this.judge(row)));
    } catch {
      // The database is away: it is asked again, until the time is over.
    }
    this.isAsking = false;
    this.paceMs = getsOn ? PACE_MS : Math.min(SLOWEST_MS, this.paceMs * SLOWER);
    if (this.waiters.size === 0) this.rest();
    this.schedule();
  }

  private rest(): void {
    this.paceMs = PACE_MS;
    this.positions.clear();
  }

  /** Whether it has got on since it was asked last. */
  private note({ name, position }: Progress): boolean {
    const before = this.positions.get(name);
    this.positions.set(name, position);
    return before === undefined || position > before;
  }

  private async judge({ name, position, parked }: Progress): Promise<void> {
    const mine = [...(this.waiters.get(name) ?? [])];
    for (const waiter of mine) waiter.at = position;
    const passed = mine.filter((waiter) => position >= waiter.position);
    if (parked === 0) for (const waiter of passed) waiter.settle();
    else await Promise.all(passed.map((waiter) => this.look(waiter)));
  }

  /** Whether the very event is parked, or waits behind one that is. */
  private async look(waiter: Waiter): Promise<void> {
    const { name, position } = waiter;
    const there = await this.parts.store.reached(name, position);
    if (!there) return;
    waiter.at = there.position;
    // One that is about to be tried again may still be handled in time.
    if (there.parked && !there.parked.isAsked) waiter.settle(isParked(there.parked, position));
    else if (!there.parked && there.position >= position) waiter.settle();
  }

  private async giveUp(waiter: Waiter, timeoutMs: number): Promise<void> {
    await this.look(waiter).catch(() => undefined);
    waiter.settle(timedOut(waiter, timeoutMs));
  }
}

/** Does it handle events in this process? */
export function isRunning({ state }: SubscriptionStatus): boolean {
  return state === 'live' || state === 'catchingUp' || state === 'retrying';
}

function isParked(parked: ParkedEvent, position: number): TroupeError {
  const { subscription, aggregate, id, version, error } = parked;
  const behind = parked.position < position ? 'waits behind' : 'is';
  const message = `The event at position ${position} is stored, and for ${subscription} it ${behind} the parked ${aggregate}/${id} version ${version}: ${error?.message ?? ''}`;
  return new TroupeError('Parked', message, { ...parked, waitedFor: position });
}

function timedOut({ name, position, at }: Waiter, timeoutMs: number): TroupeError {
  const message = `The event at position ${position} is stored, and ${name} has not reached it within ${timeoutMs} ms: it is at ${at}`;
  return new TroupeError('WaitTimedOut', message, { name, position, at, timeoutMs });
}

function stopping(name: string, position: number): TroupeError {
  const message = `The event at position ${position} is stored, and the runtime stops before ${name} is known to have reached it`;
  return new TroupeError('Stopping', message, { name, position });
}
