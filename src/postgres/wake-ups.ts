import pgListen, { type Subscriber } from 'pg-listen';
import { after } from '../internal/after.js';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import type { WakeUpListener, WakeUps } from '../store/wake-ups.js';
import { clientConfig } from './connection.js';
import { lockClass } from './names.js';
import type { Credentials, ResolvedPostgres } from './options.js';

/*
 * One connection of its own for LISTEN and NOTIFY. NOTIFY takes a lock of the whole server at commit, so
 * it is never part of an append: it is a statement by itself, for many appends at once.
 *
 *   connecting --> listening --connection lost--> waiting --delay--> connecting       (any) --> closed
 *
 * A subscriber serves one connection and is then replaced. Its own reconnecting cannot be stopped, gives
 * up for ever if the connection is lost a second time before it listens again, and knows only passwords
 * that do not change.
 */

/** Shortest time between two notifications of one process. */
const NOTIFY_MS = 5;
const RETRY: Backoff = { firstMs: 50, maxMs: 5000 };
/** A connection whose other end is gone without a word is found out after this. */
const CHECK_MS = 30_000;
const CLOSE_TIMEOUT_MS = 1000;
/** Attempts of the subscriber to connect again by itself: none. */
const NO_RETRY = 1;

/** The channel of a schema. Two schemas that share one wake each other in vain. */
export function wakeUpChannel(schema: string): string {
  return `troupe_${lockClass(schema).toString(16)}`;
}

/** Wake-ups by LISTEN and NOTIFY. */
export class PostgresWakeUps implements WakeUps {
  private readonly channel: string;
  private subscriber: Subscriber | undefined;
  private isListening = false;
  private closed = false;
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private announced = 0;
  private wanted = 0;
  private sending: NodeJS.Timeout | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly options: ResolvedPostgres,
    private readonly listener: WakeUpListener,
    private readonly credentials?: Credentials,
  ) {
    this.channel = wakeUpChannel(options.schema);
    void this.connect();
  }

  announce(position: number): void {
    if (position <= this.wanted) return;
    this.wanted = position;
    if (this.isListening) this.plan();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.sending);
    const { subscriber } = this;
    this.subscriber = undefined;
    if (!subscriber) return;
    const ending = this.notify(subscriber).then(() => subscriber.close());
    await Promise.race([ending.catch(() => undefined), after(CLOSE_TIMEOUT_MS)]);
  }

  private async connect(): Promise<void> {
    let subscriber: Subscriber | undefined;
    try {
      const connectionString = await this.url();
      if (this.closed) return;
      subscriber = newSubscriber({ ...clientConfig(this.options, 'wake-up'), connectionString });
      this.subscriber = subscriber;
      this.listenTo(subscriber);
      await subscriber.connect();
      await subscriber.listenTo(this.channel);
      if (this.subscriber === subscriber) this.begin();
      else await subscriber.close();
    } catch (error) {
      this.lose(subscriber, error instanceof Error ? error : new Error(String(error)));
    }
  }

  private listenTo(subscriber: Subscriber): void {
    subscriber.events.on('error', (error) => this.lose(subscriber, error));
    subscriber.notifications.on(this.channel, (position: unknown) => {
      if (this.closed) return;
      this.listener.wake(typeof position === 'number' ? position : undefined);
    });
  }

  private begin(): void {
    this.isListening = true;
    this.failures = 0;
    this.listener.heard(undefined);
    this.listener.wake(undefined); // what was told meanwhile is lost
    if (this.wanted > this.announced) this.plan();
  }

  private lose(subscriber: Subscriber | undefined, cause: Error): void {
    if (this.closed || this.subscriber !== subscriber) return;
    this.subscriber = undefined;
    this.isListening = false;
    this.failures += 1;
    if (subscriber) void subscriber.close().catch(() => undefined);
    this.listener.heard(cause);
    this.retry = setTimeout(() => void this.connect(), backoffMs(RETRY, this.failures));
  }

  /** At once, unless that was done a moment ago. */
  private plan(): void {
    const restMs = Math.max(0, this.sentAt + NOTIFY_MS - performance.now());
    this.sending ??= setTimeout(() => void this.send(), restMs);
  }

  private async send(): Promise<void> {
    this.sentAt = performance.now();
    if (this.subscriber && this.isListening) await this.notify(this.subscriber);
    this.sending = undefined;
    if (this.wanted > this.announced && this.isListening && !this.closed) this.plan();
  }

  /** Never rejects: it is a hint, and a lost connection is heard of elsewhere. */
  private async notify(subscriber: Subscriber): Promise<void> {
    if (!this.isListening || this.wanted <= this.announced) return;
    const before = this.announced;
    this.announced = this.wanted;
    await subscriber.notify(this.channel, this.announced).catch(() => {
      this.announced = before; // told again when the line is open again
    });
  }

  /** With the password of the moment: as a parameter of the URL it wins over one that stands in it. */
  private async url(): Promise<string> {
    const { directUrl } = this.options;
    if (!this.credentials) return directUrl;
    const url = new URL(directUrl);
    url.searchParams.set('password', await this.credentials());
    return url.href;
  }
}

// A CommonJS module whose function is `default`: Node does not unwrap that, other loaders do.
const loaded: unknown = pgListen;
const createSubscriber = (
  typeof loaded === 'function' ? loaded : pgListen.default
) as typeof pgListen.default;

function newSubscriber(config: Parameters<typeof createSubscriber>[0]): Subscriber {
  return createSubscriber(config, { retryLimit: NO_RETRY, paranoidChecking: CHECK_MS });
}
