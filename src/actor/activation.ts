import { type Backoff, backoffMs } from '../internal/backoff.js';
import type { StoredEvent } from '../messages/event.js';
import { outcomeKey, type StoredOutcome } from '../store/outcomes.js';
import type { LoadedEvent, LoadedStream, LoadRequest, Store } from '../store/store.js';
import { recovered } from '../telemetry/recovery.js';
import type { ShardTelemetry } from '../telemetry/shard-telemetry.js';
import type { Actor } from './actor.js';
import { replay, restore } from './fold.js';
import { NewStreams } from './new-streams.js';
import type { QueuedCommand } from './queued-command.js';

/*
 * Brings actors to the head of their streams: cold ones from snapshot and tail, those that were cut out
 * of a batch by reading every event after the last version they knew to be committed. All actors asked
 * for in one turn are loaded by one query; then the keys of the commands that wait for them are looked
 * up, so that a repeated command is answered before anything is decided.
 */

/** A first outcome, for a waiting command that repeats its key. */
export interface FoundOutcome {
  readonly command: QueuedCommand;
  readonly outcome: StoredOutcome;
  /** Its events; for a no-op the last event before it. */
  readonly events: readonly StoredEvent[];
}

/** Events that an actor did not know to be committed. */
export interface UnknownEvents {
  readonly events: readonly LoadedEvent[];
  /** Those of its timers. */
  readonly timers: readonly LoadedEvent[];
}

/** What activation tells the shard. */
export interface ActivationHost {
  /**
   * The actor stands at the head of its stream. `unknown` are the events after the version that it knew
   * to be committed; `found` the first outcomes of waiting commands.
   */
  activated(actor: Actor, unknown: UnknownEvents, found: readonly FoundOutcome[]): void;
  /** The stream cannot be read by this code. `unknown` as above, as far as it was read. */
  unreadable(actor: Actor, unknown: UnknownEvents, error: Error): void;
  /** The store cannot be read now; it is tried again. Told once, until it can. */
  delayed(error: Error): void;
  /** The store can be read again. */
  resumed(): void;
}

interface Job {
  readonly actor: Actor;
  readonly generation: number;
  /** Undefined for a cold actor. */
  readonly knownVersion: number | undefined;
  readonly unknown: { readonly events: LoadedEvent[]; readonly timers: LoadedEvent[] };
  /** When it was asked for, on the clock of `performance.now`. */
  readonly since: number;
  /** Events replayed. */
  replayed: number;
  failure?: Error;
}

const MAX_ACTORS_PER_LOAD = 250;
/** Loads under way at once; the pool has as many connections. */
const CONCURRENCY = 2;
const RETRY: Backoff = { firstMs: 20, maxMs: 2000 };

/** Loads actors in batches. */
export class Activation {
  private waiting: Job[] = [];
  private running = 0;
  private stopped = false;
  private isDelayed = false;
  /** Actors loaded since the start. */
  count = 0;

  constructor(
    private readonly store: Store,
    private readonly host: ActivationHost,
    private readonly telemetry: ShardTelemetry,
    private readonly newStreams = new NewStreams(),
  ) {}

  /** A load's worth of actors is waiting: what is not urgent should not be asked for. */
  get isBusy(): boolean {
    return this.waiting.length >= MAX_ACTORS_PER_LOAD;
  }

  /** Asks for a cold actor, unless its stream can be taken to be new: then true, and it may decide at once. */
  activate(actor: Actor): boolean {
    if (this.newStreams.expects(actor)) {
      restore(actor, undefined);
      actor.isAssumed = true;
      actor.status = 'ready';
      return true;
    }
    this.enqueue(actor, undefined);
    return false;
  }

  /** Asks for an actor that knows its stream up to `committed`, and perhaps its state. */
  catchUp(actor: Actor): void {
    this.enqueue(actor, actor.isAssumed ? undefined : actor.committed.version);
  }

  stop(): void {
    this.stopped = true;
    this.waiting = [];
  }

  private enqueue(actor: Actor, knownVersion: number | undefined): void {
    actor.status = 'loading';
    if (this.stopped) return;
    if (actor.isAssumed) actor.forgetState();
    actor.isAssumed = false;
    const { generation } = actor;
    const since = this.telemetry.clock.now();
    const unknown = { events: [], timers: [] };
    this.waiting.push({ actor, generation, knownVersion, unknown, since, replayed: 0 });
    if (this.running < CONCURRENCY) {
      this.running += 1;
      setImmediate(() => void this.work());
    }
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const jobs = this.waiting.splice(0, MAX_ACTORS_PER_LOAD);
      await this.loadAll(jobs);
      await this.finish(jobs);
    }
    this.running -= 1;
  }

  private async loadAll(jobs: readonly Job[]): Promise<void> {
    let requests = jobs.flatMap(firstRequests);
    while (requests.length > 0) {
      const loaded = await this.insist(() => this.store.load(requests.map((r) => r.request)));
      requests = requests.flatMap((asked, i) => {
        const stream = loaded[i] as LoadedStream;
        apply(asked, stream);
        return stream.more && !asked.job.failure ? [nextRequest(asked)] : [];
      });
    }
  }

  private async finish(jobs: readonly Job[]): Promise<void> {
    const found = await this.lookUpKeys(jobs);
    for (const job of jobs) {
      if (this.stopped) return;
      // Its state was thrown away meanwhile: what was loaded may be of another server.
      if (job.generation !== job.actor.generation) {
        this.again(job);
        continue;
      }
      this.tell(job);
      if (job.knownVersion === undefined) this.newStreams.found(job.actor);
      if (job.failure) this.host.unreadable(job.actor, job.unknown, job.failure);
      else this.host.activated(job.actor, job.unknown, found.get(job.actor) ?? []);
      this.count += 1;
    }
  }

  private tell({ actor, knownVersion, since, replayed: events, failure }: Job): void {
    actor.recoveries += 1;
    actor.recoveryMs = Math.round(performance.now() - since);
    actor.recoveryEvents = events;
    const kind = knownVersion === undefined ? 'cold' : 'catchUp';
    recovered(this.telemetry, { kind, events, since }, () => ({
      aggregate: actor.aggregate,
      id: actor.id,
      result: failure ? 'unreadable' : 'activated',
      snapshotVersion: actor.snapshotVersion,
      version: actor.version,
    }));
  }

  private again({ actor, knownVersion }: Job): void {
    actor.state = undefined;
    if (actor.companion) actor.companion.state = undefined;
    this.enqueue(actor, knownVersion);
  }

  /** A stream without events has hardly ever outcomes; if it has one, the append finds it. */
  private async lookUpKeys(jobs: readonly Job[]): Promise<Map<Actor, FoundOutcome[]>> {
    const found = new Map<Actor, FoundOutcome[]>();
    const asked = jobs.flatMap(({ actor, knownVersion }) =>
      actor.version > 0 || knownVersion !== undefined ? keyedCommands(actor) : [],
    );
    if (asked.length === 0) return found;
    const outcomes = await this.insist(() =>
      this.store.findOutcomes(asked.map((a) => a.command.message)),
    );
    const events = await this.eventsOf(outcomes);
    const byKey = new Map(
      outcomes.map((outcome, i) => [outcomeKey(outcome), { outcome, events: events[i] ?? [] }]),
    );
    for (const { actor, command } of asked) {
      const hit = byKey.get(outcomeKey(command.message));
      if (hit) found.set(actor, [...(found.get(actor) ?? []), { command, ...hit }]);
      else command.keyIsNew = true;
    }
    return found;
  }

  private async eventsOf(
    outcomes: readonly StoredOutcome[],
  ): Promise<readonly (readonly StoredEvent[])[]> {
    if (outcomes.every((o) => o.rejection !== undefined)) return [];
    const ranges = outcomes.map(({ aggregate, id, fromVersion, toVersion }) => ({
      aggregate,
      id,
      after: Math.max(0, Math.min(fromVersion, toVersion - 1)),
      upTo: toVersion,
    }));
    return this.insist(() => this.store.readRanges(ranges));
  }

  private delay(cause: Error): void {
    if (this.isDelayed) return;
    this.isDelayed = true;
    this.host.delayed(cause);
  }

  private resume(): void {
    if (!this.isDelayed) return;
    this.isDelayed = false;
    this.host.resumed();
  }

  private async insist<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await work();
        this.resume();
        return result;
      } catch (error) {
        if (this.stopped) return new Promise(() => undefined); // nobody is left to hear of it
        this.delay(error instanceof Error ? error : new Error(String(error)));
        await new Promise((resolve) => setTimeout(resolve, backoffMs(RETRY, attempt)).unref());
      }
    }
  }
}

/** One stream to be loaded: that of an actor, or that of its timers. */
interface Asked {
  readonly job: Job;
  readonly actor: Actor;
  /** Undefined for a cold actor. */
  readonly knownVersion: number | undefined;
  readonly request: LoadRequest;
}

/** The timers of an actor are loaded by the same statement: both are as they were at one moment. */
function firstRequests(job: Job): Asked[] {
  const { actor, knownVersion } = job;
  const { companion } = actor;
  const own = firstRequest(job, actor, knownVersion);
  if (!companion) return [own];
  const known = knownVersion === undefined ? undefined : companion.committed.version;
  return [own, firstRequest(job, companion, known)];
}

function firstRequest(job: Job, actor: Actor, knownVersion: number | undefined): Asked {
  const asked = { job, actor, knownVersion };
  const request = streamOf(actor);
  if (knownVersion === undefined) return { ...asked, request };
  return { ...asked, request: { ...request, knownVersion, tailOnly: actor.state !== undefined } };
}

function nextRequest(asked: Asked): Asked {
  const { actor } = asked;
  return {
    ...asked,
    request: { ...streamOf(actor), knownVersion: actor.version, tailOnly: true },
  };
}

function streamOf({ aggregate, id, definition: { stateVersion } }: Actor): LoadRequest {
  return { aggregate, id, stateVersion };
}

function apply({ job, actor, knownVersion }: Asked, stream: LoadedStream): void {
  try {
    if (actor.state === undefined) restore(actor, stream.snapshot);
    replay(actor, stream.events);
  } catch (error) {
    job.failure = error instanceof Error ? error : new Error(String(error));
  }
  job.replayed += stream.events.length;
  if (knownVersion === undefined) return;
  const unknown = actor === job.actor ? job.unknown.events : job.unknown.timers;
  unknown.push(...stream.events.filter((e) => e.version > knownVersion));
}

function keyedCommands(actor: Actor): { readonly actor: Actor; readonly command: QueuedCommand }[] {
  const keyed: { actor: Actor; command: QueuedCommand }[] = [];
  for (const command of actor.mailbox) {
    if (command.message.key !== '' && !command.keyIsNew) keyed.push({ actor, command });
  }
  return keyed;
}
