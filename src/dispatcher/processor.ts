import { builtInOf, type Domain } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import { FeedTelemetry } from '../telemetry/feed-telemetry.js';
import { BuildGuard, type BuildGuardParts, OperationGuard } from './build-guard.js';
import { notSupported, type RetryOptions } from './failure.js';
import type { FeedBlame } from './feed-blame.js';
import { Turns } from './gathering.js';
import { asStored, liftFor } from './lift.js';
import type { FeedState } from './log-feed.js';
import { LogTail, type TailStore } from './log-tail.js';
import type { Push } from './push-buffer.js';
import { storedFilter } from './stored-filter.js';
import {
  CONSUMER,
  type Consumer,
  type ConsumerContext,
  isConsumerSource,
  type Operation,
  type Preparing,
} from './subscription.js';
import { SubscriptionRunner } from './subscription-runner.js';
import type { RebuildProgress, SubscriptionStatus } from './subscription-status.js';
import { Turnstile } from './turnstile.js';

/** What a processor is made of. */
export interface ProcessorParts {
  readonly domain: Pick<Domain, 'stored'>;
  readonly consumers: readonly Consumer[];
  readonly store: TailStore;
  readonly subscriptions: SubscriptionStore;
  /** Names this start; unique. */
  readonly owner: string;
  /** How long a lease lasts after its last renewal. Milliseconds. */
  readonly leaseMs: number;
  readonly retry?: RetryOptions;
  /** Events per batch at most. */
  readonly batchEvents?: number;
  /** What notes the events that a consumer has; by the consumer's place in `consumers`. */
  blame(index: number): FeedBlame;
  /** The same for what it builds, and what that has come to before. Default: nobody reads it, and nothing. */
  building?(index: number): Omit<BuildGuardParts, 'turnstile'>;
  /** The same for what operators ask of it. Default: nobody reads it. */
  operating?(index: number): FeedBlame;
  /** Where a consumer counts; by its place in `consumers`. Default: nobody reads it. */
  telemetry?(index: number): FeedTelemetry;
  changed(status: SubscriptionStatus): void;
  tell(kind: 'error' | 'warning' | 'info', message: string, cause: PlainError | undefined): void;
}

/** Times that a lease is renewed while it lasts. */
const RENEWALS = 3;
const MAX_NAME_BYTES = 200;
const NO_BLAME: FeedBlame = { enter: () => undefined, leave: () => undefined };
const UNWATCHED = { blame: NO_BLAME, record: undefined };

/** Runs all subscriptions of a domain in one thread, on one reader of the log. */
export class Processor {
  private readonly tail: LogTail;
  private readonly guards: readonly OperationGuard[];
  private readonly runners: readonly SubscriptionRunner[];
  private readonly renewals: NodeJS.Timeout;
  private renewing: Promise<void> | undefined;

  constructor(private readonly parts: ProcessorParts) {
    const { domain, store, consumers } = parts;
    const [turnstile, turns] = [new Turnstile(), new Turns()];
    this.tail = new LogTail({
      store,
      changed: (state, cause) => this.tailChanged(state, cause),
      needed: () => Math.min(...this.runners.map((runner) => runner.passed)),
    });
    this.guards = consumers.map(
      (_consumer, index) => new OperationGuard(parts.operating?.(index) ?? NO_BLAME),
    );
    this.runners = consumers.map((consumer, index) => {
      const telemetry = parts.telemetry?.(index) ?? new FeedTelemetry();
      consumer.counts?.(telemetry);
      return new SubscriptionRunner({
        ...parts,
        ...{ consumer, telemetry, turnstile, turns },
        ...{ log: store, tail: this.tail, store: parts.subscriptions },
        wanted: storedFilter(domain, consumer.filter),
        lift: consumer.asStored ? asStored : liftFor(domain, consumer.filter),
        blame: parts.blame(index),
        guard: new BuildGuard({ ...(parts.building?.(index) ?? UNWATCHED), turnstile }),
        changed: (status) => this.changed(consumer, status),
      });
    });
    this.renewals = setInterval(() => void this.renew(), parts.leaseMs / RENEWALS);
  }

  private changed(consumer: Consumer, status: SubscriptionStatus): void {
    consumer.stands?.(status, (...told) => this.parts.tell(...told));
    this.parts.changed(status);
  }

  /** Resolves when every subscription has begun, or could not. */
  async begun(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.begun));
  }

  get statuses(): readonly SubscriptionStatus[] {
    return this.runners.map((runner) => runner.status);
  }

  /** Says that the log may have grown. */
  wake(position?: number): void {
    this.tail.wake(position);
  }

  /** Takes a batch that a shard has committed. */
  push(push: Push): void {
    this.tail.push(push);
  }

  /** A shard has kept something back because this thread did not keep up. */
  fellBehind(): void {
    this.tail.fellBehind();
  }

  /** Says that an operator has asked for something. */
  poke(): void {
    void this.renew().then(() => {
      for (const runner of this.runners) runner.poke();
    });
  }

  /** Does what was asked of a subscription beside its batches. */
  async operate(name: string, operation: Operation, how: Omit<Preparing, 'guard'>): Promise<void> {
    const index = this.parts.consumers.findIndex((consumer) => consumer.name === name);
    const operate = this.parts.consumers[index]?.operate;
    if (!operate) throw notSupported(name, operation.kind, 'a view, a projection or a handler');
    const runner = this.runners[index] as SubscriptionRunner;
    const progress = (far: RebuildProgress): void => {
      runner.show(far);
      how.progress(far);
    };
    try {
      const guard = this.guards[index] as OperationGuard;
      await operate(operation, { signal: how.signal, guard, progress });
    } finally {
      runner.show(undefined);
    }
  }

  /** Ends the batches under way, and gives the subscriptions up so that another process can take them. */
  async stop(): Promise<void> {
    clearInterval(this.renewals);
    await Promise.all(this.runners.map((runner) => runner.stop()));
    await this.tail.stop();
    await this.renewing;
    await this.parts.subscriptions.release(this.parts.owner).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    if (this.renewing) return;
    this.renewing = this.renewAll().catch(() => undefined); // the next time, or the lease is over
    await this.renewing;
    this.renewing = undefined;
  }

  private async renewAll(): Promise<void> {
    const rows = await this.parts.subscriptions.renew(this.parts.owner);
    const byName = new Map(rows.map((row) => [row.name, row]));
    this.runners.forEach((runner, index) => {
      const consumer = this.parts.consumers[index] as Consumer;
      runner.renewed(byName.get(consumer.name));
    });
  }

  private tailChanged(state: FeedState, cause: Error | undefined): void {
    if (state === 'stopped') return;
    const message = cause
      ? `subscriptions cannot follow the log: ${cause.message}`
      : 'subscriptions follow the log again';
    this.parts.tell('warning', message, cause && { name: cause.name, message: cause.message });
  }
}

/**
 * The consumers among what a domain module exports, but for those that are run otherwise. Throws
 * `SetupError` naming what is wrong.
 */
export function readConsumers(
  module: object,
  context: ConsumerContext,
  others: Iterable<unknown> = [],
): readonly Consumer[] {
  const left = new Set(others);
  const exported = [...new Set(Object.values(module) as unknown[])];
  const sources = exported.filter((value) => !left.has(value)).filter(isConsumerSource);
  const own = new Set<Consumer>();
  const consumers = sources.flatMap((source) => {
    const made = [source[CONSUMER](context)].flat();
    if (builtInOf(source)) for (const consumer of made) own.add(consumer);
    return made;
  });
  const names = new Set<string>();
  for (const consumer of consumers) {
    const { name, version } = consumer;
    const bytes = Buffer.byteLength(name);
    if (bytes === 0 || bytes > MAX_NAME_BYTES)
      throw new SetupError(
        'InvalidDomain',
        `The name of a subscription: expected 1 to ${MAX_NAME_BYTES} bytes, got ${bytes}: ${name}`,
        { name },
      );
    if (name.startsWith('$') && !own.has(consumer))
      throw new SetupError(
        'InvalidDomain',
        `The name of a subscription: expected one without a leading $, which built-in ones have, got ${name}`,
        { name },
      );
    if (!Number.isInteger(version) || version < 1)
      throw new SetupError(
        'InvalidDomain',
        `The version of the subscription ${name}: expected a whole number from 1, got ${version}`,
        { name, version },
      );
    if (names.has(name))
      throw new SetupError('DuplicateDefinition', `Two subscriptions are named ${name}`, { name });
    names.add(name);
  }
  return consumers;
}
