import { SetupError, TroupeError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { Store, StreamName } from '../store/store.js';
import type {
  ParkedEvent,
  Reason,
  StoredSubscription,
  SubscriptionStore,
} from '../store/subscriptions.js';
import type { SubscriptionState, SubscriptionStatus } from './subscription-status.js';

/** A subscription as an operator sees it, whichever process runs it. */
export interface SubscriptionInfo {
  readonly name: string;
  readonly version: number;
  /** What it does; as this process knows it where it runs here, else as the database has it. */
  readonly state: SubscriptionState;
  /** Everything at or below this position that it wants is handled or parked. */
  readonly position: number;
  /** Positions of the log above that, wanted or not. */
  readonly lag: number;
  /** Host, process id and a unique mark of who runs it; `undefined` where nobody does. */
  readonly owner: string | undefined;
  /** Attempts at the batch that fails now. */
  readonly attempts: number;
  /** Why it retries or has stopped. */
  readonly error: PlainError | undefined;
  /** Streams that wait for an operator. */
  readonly parked: number;
  /** Times that it fell behind what is held in memory and read the log again; only where it runs here. */
  readonly fallbacks: number;
}

/** Options of `waitFor`. */
export interface WaitOptions {
  /** Milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
}

/** What the host knows subscriptions by. */
export interface SubscriptionsParts {
  readonly store: SubscriptionStore;
  readonly log: Pick<Store, 'logEnd'>;
  /** Names that this process runs or stands by for. */
  readonly names: readonly string[];
  /** Tells the processor that something was asked. */
  poke(): void;
}

const TIMEOUT_MS = 30_000;
/** How often the database is asked about what another process runs. Milliseconds. */
const ASK_MS = 50;

/** The subscriptions of a log: how they stand, and what an operator may do. */
export class Subscriptions {
  private readonly statuses = new Map<string, SubscriptionStatus>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly parts: SubscriptionsParts) {}

  /** A subscription that this process runs, or stands by for, has changed. */
  changed(status: SubscriptionStatus): void {
    this.statuses.set(status.name, status);
    for (const look of [...this.waiting]) look();
  }

  /** All of the log, by name. */
  async list(): Promise<readonly SubscriptionInfo[]> {
    const { log, store } = this.parts;
    const [rows, { position }] = await Promise.all([store.list(), log.logEnd([])]);
    return rows.map((row) => this.infoOf(row, position));
  }

  async pause(name: string): Promise<void> {
    await this.asked(name, this.parts.store.pause(name));
  }

  async resume(name: string, at?: number): Promise<void> {
    const { store } = this.parts;
    const checkpoint = at === undefined ? undefined : await store.checkpointAt(at);
    await this.asked(name, store.resume(name, checkpoint));
  }

  parked(name: string, stream?: StreamName): Promise<readonly ParkedEvent[]> {
    return this.parts.store.parked(name, stream);
  }

  async retry(name: string, stream: StreamName, reason: Reason): Promise<void> {
    checkReason(reason);
    await this.asked(name, this.parts.store.askRetry(name, stream, reason), stream);
  }

  async skip(name: string, stream: StreamName, reason: Reason): Promise<void> {
    checkReason(reason);
    await this.asked(name, this.parts.store.skip(name, stream, reason), stream);
  }

  async waitFor(
    name: string,
    position: number,
    { timeoutMs = TIMEOUT_MS }: WaitOptions,
  ): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const here = this.statuses.get(name);
      if (here && here.position >= position && here.parked === 0 && isRunning(here)) return;
      const there = await this.parts.store.reached(name, position);
      if (!there && !this.parts.names.includes(name)) throw unknown(name);
      // One that is about to be tried again may still be handled in time.
      if (there?.parked && !there.parked.isAsked) throw isParked(there.parked, position);
      if (there && there.position >= position && !there.parked) return;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw timedOut(name, position, { timeoutMs, at: there?.position ?? 0 });
      await this.change(Math.min(ASK_MS, leftMs));
    }
  }

  private infoOf(row: StoredSubscription, end: number): SubscriptionInfo {
    const { name, version, owner, attempts, error, parked } = row;
    const here = this.statuses.get(name);
    const isHere = here !== undefined && here.state !== 'standby' && here.state !== 'starting';
    const position = Math.max(row.checkpoint.position, here && isRunning(here) ? here.position : 0);
    return {
      ...{ name, version, position, owner, parked },
      state: isHere ? here.state : row.state,
      lag: Math.max(0, end - position),
      attempts: isHere ? here.attempts : attempts,
      error: isHere ? here.error : error,
      fallbacks: here?.fallbacks ?? 0,
    };
  }

  private async asked(name: string, asking: Promise<boolean>, stream?: StreamName): Promise<void> {
    if (!(await asking)) throw stream ? notParked(name, stream) : unknown(name);
    this.parts.poke();
  }

  /** Until a subscription here has changed, or a time is over. */
  private change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.waiting.add(end);
    });
  }
}

function isRunning({ state }: SubscriptionStatus): boolean {
  return state === 'live' || state === 'catchingUp' || state === 'retrying';
}

/** Throws unless both are said: they are kept on record. */
export function checkReason({ who, why }: Reason): void {
  for (const [what, given] of Object.entries({ who, why }))
    if (typeof given !== 'string' || given.trim() === '')
      throw new SetupError(
        'InvalidOption',
        `${what}: expected a text that says ${what}, since it is kept on record, got ${JSON.stringify(given)}`,
      );
}

function unknown(name: string): TroupeError {
  return new TroupeError('UnknownSubscription', `There is no subscription ${name}`, { name });
}

function notParked(name: string, { aggregate, id }: StreamName): TroupeError {
  const message = `No event of ${aggregate}/${id} is parked for ${name}`;
  return new TroupeError('NotParked', message, { name, aggregate, id });
}

function isParked(parked: ParkedEvent, position: number): TroupeError {
  const { subscription, aggregate, id, version, error } = parked;
  const behind = parked.position < position ? 'waits behind' : 'is';
  const message = `The event at position ${position} is stored, and for ${subscription} it ${behind} the parked ${aggregate}/${id} version ${version}: ${error?.message ?? ''}`;
  return new TroupeError('Parked', message, { ...parked, waitedFor: position });
}

function timedOut(
  name: string,
  position: number,
  { timeoutMs, at }: { timeoutMs: number; at: number },
): TroupeError {
  const message = `The event at position ${position} is stored, and ${name} has not reached it within ${timeoutMs} ms: it is at ${at}`;
  return new TroupeError('WaitTimedOut', message, { name, position, at, timeoutMs });
}
