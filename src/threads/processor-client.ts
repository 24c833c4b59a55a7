import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import type { Consumer, Operation } from '../dispatcher/subscription.js';
import type { SubscriptionStatus } from '../dispatcher/subscription-status.js';
import { after } from '../internal/after.js';
import { deferred } from '../internal/deferred.js';
import type { Dispatch } from '../messages/answer.js';
import { TroupeError } from '../messages/errors.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import { HostFeeds } from '../telemetry/host-feeds.js';
import { BuildRecords, type EndedWork } from './build-records.js';
import { RelayService } from './command-relay.js';
import { createFeedSlots, type FeedSuspect, readFeedSlots } from './feed-slots.js';
import { HeartbeatJudge, LOOK_EVERY_MS } from './heartbeat.js';
import { backOff, insist } from './insist.js';
import { type OperateOptions, ProcessorOperations } from './processor-operations.js';
import type { FromProcessor, OpenProcessor, ProcessorLink } from './processor-protocol.js';
import type { PlainNotice } from './protocol.js';
import type { PushLines } from './push-lines.js';

/*
 * The host's side of the processor, across the starts of its thread:
 *
 *   starting --ready--> running --died, or no heartbeat--> noting: which events it had is written down,
 *      ^  +--the same, from its first heartbeat on-----------^  |   its leases are given up
 *      +-----------------------new thread-----------------------+
 *
 * What is noted decides how those events are handled next: one by one, with nobody beside them; a single
 * one that ends the thread twice is parked with its stream. So it is with what builds a raised version,
 * which is then given up.
 */
type Phase = 'starting' | 'running' | 'noting' | 'stopping' | 'stopped';

/** What the host gives its processor. */
export interface ProcessorHost {
  readonly open: OpenProcessor;
  readonly consumers: readonly Consumer[];
  readonly subscriptions: SubscriptionStore;
  readonly leaseMs: number;
  /** Lines from shards to the processor. */
  readonly lines: PushLines;
  /** A thread of its own, which can be ended. */
  readonly isRemote: boolean;
  /** Time without a heartbeat after which the thread is ended. Milliseconds. */
  readonly blockedAfterMs: number;
  /** Sends on the commands of consumers. */
  readonly dispatch: Dispatch;
  notice(notice: PlainNotice): void;
  /** Told of each change of a subscription in this process. */
  changed(status: SubscriptionStatus): void;
}

export class ProcessorClient {
  private phase: Phase = 'starting';
  private link: ProcessorLink | undefined;
  private relay: RelayService | undefined;
  private slots: SharedArrayBuffer;
  private owner = '';
  private judge = new HeartbeatJudge();
  private wakeTo: number | undefined;
  private failedStarts = 0;
  private readonly ready = deferred<void>();
  private readonly stopped = deferred<void>();
  private readonly ending = new AbortController();
  private readonly ticks: NodeJS.Timeout | undefined;
  private readonly operations = new ProcessorOperations();
  private readonly builds = new BuildRecords();
  readonly telemetry: HostFeeds;
  /** Times the thread was replaced. */
  restarts = 0;

  constructor(private readonly host: ProcessorHost) {
    this.slots = createFeedSlots(host.consumers.length);
    this.telemetry = new HostFeeds(host.consumers);
    this.ready.promise.catch(() => undefined); // who starts it hears of it
    if (host.isRemote) this.ticks = setInterval(() => this.tick(), LOOK_EVERY_MS).unref();
    this.open();
  }

  /** Rejects with what kept it from starting. */
  get whenReady(): Promise<void> {
    return this.ready.promise;
  }

  /** Says that the log has grown. What is said in one turn of the event loop is told once. */
  wake(position: number | undefined): void {
    if (this.wakeTo === undefined) setImmediate(() => this.flush());
    this.wakeTo = position === undefined ? 0 : Math.max(position, this.wakeTo ?? position);
  }

  get isRunning(): boolean {
    return this.phase === 'running';
  }

  /** Gives the processor a line from a shard. */
  takeLine(line: MessagePort): void {
    this.link?.post({ line }, [line]);
  }

  /** Says that an operator has asked for something. */
  poke(): void {
    if (this.phase === 'running') this.link?.post({ poke: true });
  }

  /** Asks something of a subscription beside its batches; goes on across the death of the thread. */
  operate(name: string, operation: Operation, options: OperateOptions): Promise<void> {
    return this.operations.start(name, operation, options);
  }

  /** Ends the batches under way, for at most `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    const wasRunning = this.phase === 'running';
    this.phase = 'stopping';
    this.ending.abort();
    this.operations.stop();
    clearInterval(this.ticks);
    this.ready.reject(new Error('the runtime stops'));
    if (wasRunning) {
      this.link?.post({ stop: true });
      await Promise.race([this.stopped.promise, after(drainMs + 1000)]);
    }
    this.phase = 'stopped';
    await this.link?.close();
  }

  private open(): void {
    const { consumers, leaseMs } = this.host;
    this.phase = 'starting';
    this.owner = `${hostname()}/${process.pid}/${randomUUID()}`;
    this.slots = createFeedSlots(consumers.length);
    this.judge = new HeartbeatJudge();
    this.telemetry.forget();
    // A reply goes to the start that has asked for it: another one counts from anew.
    const relay = new RelayService(this.host.dispatch, (replies) => link.post({ replies }));
    this.relay = relay;
    const link = this.host.open(
      {
        owner: this.owner,
        leaseMs,
        slots: this.slots,
        figures: this.telemetry.memories,
        builds: this.builds.all,
      },
      {
        message: (message) => this.receive(message),
        died: (cause) => this.lost(cause),
      },
    );
    this.link = link;
  }

  private receive(message: FromProcessor): void {
    if (message.ready) this.becomeReady();
    for (const status of message.statuses ?? []) this.host.changed(status);
    for (const notice of message.notices ?? []) this.host.notice(notice);
    if (message.records) this.telemetry.take(message.records);
    if (message.operation) this.operations.receive(message.operation);
    if (message.commands) this.relay?.receive(message.commands);
    if (message.failed) void this.failedToStart(message.failed);
    if (message.stopped) this.stopped.resolve();
  }

  private becomeReady(): void {
    if (this.phase !== 'starting') return;
    this.phase = 'running';
    this.host.lines.processorRuns(this);
    this.failedStarts = 0;
    this.ready.resolve();
    this.tellNews();
    this.operations.open((message) => this.link?.post(message));
    if (this.restarts > 0)
      this.host.notice({
        kind: 'recovered',
        message: 'the processor runs again',
        cause: undefined,
      });
  }

  private async failedToStart(failure: PlainError): Promise<void> {
    this.ready.reject(failure);
    await this.link?.close();
    const cause = Object.assign(new Error(failure.message), { code: failure.code });
    if (this.restarts > 0) await this.replace(cause).catch(() => undefined);
  }

  private flush(): void {
    const { wakeTo } = this;
    this.wakeTo = undefined;
    if (this.phase === 'running' && wakeTo !== undefined) this.link?.post({ wake: wakeTo });
  }

  /** Where it runs in this thread, its channels are the host's. */
  private tellNews(): void {
    const news = this.host.isRemote ? this.telemetry.news() : undefined;
    if (news) this.link?.post(news);
  }

  private tick(): void {
    if (this.phase === 'running') this.tellNews();
    else if (this.phase !== 'starting') return;
    const { heartbeat } = readFeedSlots(this.slots);
    if (heartbeat === 0) return; // it imports the domain, or waits for the database
    if (this.judge.look(heartbeat) < this.host.blockedAfterMs) return;
    const message = `its thread was blocked for ${this.host.blockedAfterMs} ms`;
    this.lost(new TroupeError('ProcessorBlocked', message));
  }

  private lost(cause: Error): void {
    void this.replace(cause).catch((error) => this.ready.reject(toPlainError(error)));
  }

  private async replace(cause: Error): Promise<void> {
    if (this.isStopping()) return this.stopped.resolve();
    const wasStarting = this.phase === 'starting';
    this.phase = 'noting';
    this.restarts += 1;
    this.operations.lost(cause);
    const message = `the processor ended and is replaced: ${cause.message}`;
    this.host.notice({ kind: 'degraded', message, cause: toPlainError(cause) });
    await this.link?.close();
    const { suspects } = readFeedSlots(this.slots); // only now are they the last word
    if (wasStarting) this.failedStarts += 1;
    // What ends it over an event does so at the next start as well, until that is parked.
    if (wasStarting && suspects.length === 0) this.ready.reject(toPlainError(cause));
    await this.note(suspects, cause);
    if (this.failedStarts > 0) await backOff(this.failedStarts, this.ending.signal);
    if (!this.isStopping()) this.open();
  }

  /** Puts down, where it outlives the thread, whose code may have ended it. */
  private async note(suspects: readonly FeedSuspect[], cause: Error): Promise<void> {
    const { consumers, subscriptions } = this.host;
    const isAlone = suspects.length === 1;
    for (const suspect of suspects) {
      const consumer = consumers[suspect.index] as Consumer;
      const ended = { ...suspect, consumer, isAlone, cause };
      const message = await this.noteOne(ended);
      this.host.notice({ kind: 'warning', message, cause: toPlainError(cause) });
    }
    await this.insist(() => subscriptions.release(this.owner));
  }

  /** Gives what is to be said of it. */
  private async noteOne(ended: EndedWork): Promise<string> {
    const { kind, from, upTo, consumer, isAlone, cause } = ended;
    const { name } = consumer;
    if (kind === 'build') return this.builds.ended(ended);
    if (kind === 'operation')
      return `The processor ended while ${name} did what was asked of it: ${cause.message}`;
    const where = from === upTo ? `position ${from}` : `positions ${from} to ${upTo}`;
    const message = `The processor ended while ${name} handled ${where}: ${cause.message}`;
    const error = new TroupeError('ProcessorEnded', message, { name, from, upTo }, cause);
    const isParked = await this.insist(() =>
      this.host.subscriptions.died(name, { from, upTo, isAlone }, toPlainError(error)),
    );
    return isParked ? `${message}. Its stream is parked` : message;
  }

  /** `stop` may have been called while something was awaited. */
  private isStopping(): boolean {
    return this.phase === 'stopping' || this.phase === 'stopped';
  }

  /** Until it succeeds, or the runtime is told to stop. */
  private insist<T>(work: () => Promise<T>): Promise<T> {
    return insist(work, this.ending.signal);
  }
}
