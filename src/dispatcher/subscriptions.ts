import { oneOf } from '../internal/nearest.js';
import { within } from '../internal/within.js';
import { SetupError, TroupeError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { IndexReader } from '../store/indexes.js';
import type { Store, StreamName } from '../store/store.js';
import type {
  ParkedEvent,
  Reason,
  StoredSubscription,
  SubscriptionStore,
} from '../store/subscriptions.js';
import type {
  RebuildProgress,
  SubscriptionState,
  SubscriptionStatus,
} from './subscription-status.js';
import { isRunning, Waiting } from './waiting.js';

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
  /** Times that it, or the thread it runs in, fell behind what is pushed or held in memory and read the log again; only where it runs here. */
  readonly fallbacks: number;
  /** How far its new version is, while this process builds it and `state` is `rebuilding`. */
  readonly rebuild: RebuildProgress | undefined;
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
/** So long one that was paused is waited for: it may be about something that takes long. */
const LEAVE_MS = 500;

/** The subscriptions of a log: how they stand, and what an operator may do. */
export class Subscriptions {
  private readonly statuses = new Map<string, SubscriptionStatus>();
  /** Names that there certainly are. */
  private readonly found: Set<string>;
  private readonly waiting: Waiting;
  /** Who waits for one to be left. */
  private readonly looks = new Set<() => void>();

  constructor(private readonly parts: SubscriptionsParts) {
    this.found = new Set(parts.names);
    const status = (name: string): SubscriptionStatus | undefined => this.statuses.get(name);
    this.waiting = new Waiting({ store: parts.store, status });
  }

  /** A subscription that this process runs, or stands by for, has changed. */
  changed(status: SubscriptionStatus): void {
    this.statuses.set(status.name, status);
    this.waiting.changed(status);
    for (const look of this.looks) look();
  }

  /** Resolves when nothing of it is begun in this process any more. */
  private left(name: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        const status = this.statuses.get(name);
        if (status && isRunning(status)) return;
        this.looks.delete(look);
        resolve();
      };
      this.looks.add(look);
      look();
    });
  }

  /** All of the log, by name. */
  async list(): Promise<readonly SubscriptionInfo[]> {
    const { log, store } = this.parts;
    const [rows, { position }] = await Promise.all([store.list(), log.logEnd([])]);
    return rows.map((row) => this.infoOf(row, position));
  }

  async pause(name: string): Promise<void> {
    await this.asked(name, this.parts.store.pause(name));
    await within(LEAVE_MS, this.left(name));
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

  /** Throws `UnknownSubscription` for a name that neither this process nor the log knows. */
  check(names: readonly string[]): Promise<void> | undefined {
    const strangers = names.filter((name) => !this.found.has(name));
    return strangers.length > 0 ? this.find(strangers) : undefined;
  }

  async waitFor(
    name: string,
    position: number,
    { timeoutMs = TIMEOUT_MS }: WaitOptions = {},
  ): Promise<void> {
    await this.check([name]);
    await this.waiting.until(name, position, timeoutMs);
  }

  /** One of the log; `undefined` where there is none of that name. */
  async one(name: string): Promise<SubscriptionInfo | undefined> {
    const { log, store } = this.parts;
    const row = await store.find(name);
    return row && this.infoOf(row, (await log.logEnd([])).position);
  }

  /** A page of what is indexed under an id. */
  indexed(...asked: Parameters<IndexReader['indexed']>): ReturnType<IndexReader['indexed']> {
    return this.parts.store.indexed(...asked);
  }

  /** Ends all waiting, and closes the connections. */
  async close(): Promise<void> {
    this.waiting.stop();
    await this.parts.store.close();
  }

  private async find(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (!(await this.parts.store.find(name))) throw this.unknown(name);
      this.found.add(name);
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
      rebuild: here?.rebuild,
    };
  }

  private async asked(name: string, asking: Promise<boolean>, stream?: StreamName): Promise<void> {
    if (!(await asking)) throw stream ? notParked(name, stream) : this.unknown(name);
    this.parts.poke();
  }

  private unknown(name: string): TroupeError {
    const { names } = this.parts;
    const expected = names.length > 0 ? `${oneOf(names, name)}, or another` : 'one';
    const message = `There is no subscription ${name}: expected ${expected} of the log. Whatever reads it is exported by a domain module`;
    return new TroupeError('UnknownSubscription', message, { name });
  }
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

function notParked(name: string, { aggregate, id }: StreamName): TroupeError {
  const message = `No event of ${aggregate}/${id} is parked for ${name}`;
  return new TroupeError('NotParked', message, { name, aggregate, id });
}
