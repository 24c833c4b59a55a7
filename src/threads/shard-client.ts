import { backoffMs } from '../internal/backoff.js';
import { deferred } from '../internal/deferred.js';
import type { Answer } from '../messages/answer.js';
import { type CommandMessage, STATE_QUERY } from '../messages/command.js';
import type { StoredEvent } from '../messages/event.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Store, Writer } from '../store/store.js';
import { answersFromLog } from './answers-from-log.js';
import { PendingCalls, type Reply } from './pending-calls.js';
import {
  commandBytes,
  type FromShard,
  type PageQuery,
  type PlainNotice,
  readAnswers,
  type ToShard,
  writeCommand,
} from './protocol.js';
import type { LinkEvents, OpenLink, ShardLink } from './shard-link.js';
import { createSlots, readSlots } from './shared-slots.js';

/*
 * The host's side of one shard, across the starts of its thread:
 *
 *   starting --ready--> running --died--> fencing: the old writer's epoch is raised, so that nothing it
 *      ^                                     |     had under way can still commit; what it did commit is
 *      +---new writer, new thread------------+     answered from the log, all else is sent again in order
 *
 * A thread is replaced only after its exit and the fence, so that it never runs beside its successor.
 */
type Phase = 'starting' | 'running' | 'fencing' | 'stopping' | 'stopped';

/** What the clients of all shards of a runtime share. */
export interface ShardHost {
  readonly store: Store;
  readonly openLink: OpenLink;
  readonly now: () => number;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly unknownAfterMs: number;
  notice(notice: PlainNotice): void;
}

const RETRY = { firstMs: 20, maxMs: 2000 };
/** Deaths of a thread in a row, with a command in its blame slot, after which that command is failed. */
const MAX_DEATHS = 2;
const TAKEN_STEP = 1024 * 1024;
const SWEEP_MS = 250;

export class ShardClient {
  private phase: Phase = 'starting';
  private link: ShardLink | undefined;
  private writer: Writer | undefined;
  private slots = createSlots();
  private outgoing: CommandMessage[] = [];
  private aborts: { aggregate: string; id: string; ref: number }[] = [];
  private scheduled = false;
  private takenBytes = 0;
  private readonly pages = new Map<
    number,
    {
      resolve(events: readonly StoredEvent[]): void;
      reject(error: PlainError): void;
      query: PageQuery;
    }
  >();
  private readonly calls: PendingCalls;
  private readonly ready = deferred<void>();
  private readonly stopped = deferred<void>();
  private readonly sweep: NodeJS.Timeout;
  /** Times the thread was replaced. */
  restarts = 0;
  /** Highest position seen in an answer. */
  private lastPosition = 0;

  constructor(
    readonly index: number,
    private readonly host: ShardHost,
  ) {
    this.calls = new PendingCalls(host.maxInFlight, host.maxInFlightBytes);
    this.sweep = setInterval(() => this.calls.giveUp(host.now() - host.unknownAfterMs), SWEEP_MS);
    this.sweep.unref();
  }

  get inFlight(): number {
    return this.calls.size;
  }

  /** What the thread was last known to do; readable while it is blocked. */
  get activity(): ReturnType<typeof readSlots> {
    return readSlots(this.slots);
  }

  /** Starts the shard for the first time; rejects with what kept it from starting. */
  async start(): Promise<void> {
    await this.open(await this.host.store.registerWriter());
    await this.ready.promise;
  }

  /** Hands a command over; false if a bound is reached, and then it is certainly not executed. */
  send(message: CommandMessage, settle: (reply: Reply) => void): boolean {
    const call = {
      message,
      settle,
      bytes: commandBytes(message),
      afterPosition: Math.max(this.lastPosition, this.writer?.afterPosition ?? 0),
      incarnation: this.writer?.incarnation ?? '',
      writerId: this.writer?.id ?? 0,
    };
    if (!this.calls.add(call)) return false;
    this.outgoing.push(message);
    this.schedule();
    return true;
  }

  abort(message: CommandMessage): void {
    if (!this.calls.get(message.ref)) return;
    this.aborts.push({ aggregate: message.aggregate, id: message.id, ref: message.ref });
    this.schedule();
  }

  readPage(query: PageQuery): Promise<readonly StoredEvent[]> {
    const { promise, resolve, reject } = deferred<readonly StoredEvent[]>();
    this.pages.set(query.ref, { resolve, reject, query });
    if (this.phase === 'running') this.link?.post({ pages: [query] });
    return promise;
  }

  /** Drains for at most `drainMs`; what is not settled then is answered as unknown. */
  async stop(drainMs: number): Promise<void> {
    const wasRunning = this.phase === 'running';
    this.flush();
    this.phase = 'stopping';
    if (wasRunning) {
      this.link?.post({ stop: drainMs });
      await Promise.race([this.stopped.promise, after(drainMs + 1000)]);
    }
    this.phase = 'stopped';
    clearInterval(this.sweep);
    for (const call of this.calls.all()) this.calls.giveUpOn(call, 'the runtime stopped');
    await this.link?.close();
  }

  private async open(writer: Writer): Promise<void> {
    this.writer = writer;
    this.slots = createSlots();
    const events: LinkEvents = {
      message: (message) => this.receive(message),
      died: (cause) => void this.replace(cause).catch(() => undefined),
    };
    this.link = this.host.openLink({ index: this.index, writer, slots: this.slots }, events);
  }

  private receive(message: FromShard): void {
    if (message.ready) this.becomeReady();
    if (message.answers) this.take(message.answers, message.bytes ?? 0);
    for (const { ref, events, failure } of message.pages ?? []) {
      const page = this.pages.get(ref);
      this.pages.delete(ref);
      if (failure) page?.reject(failure);
      else page?.resolve(events);
    }
    for (const notice of message.notices ?? []) this.host.notice(notice);
    if (message.failed) void this.failedToStart(message.failed);
    if (message.stopped) this.stopped.resolve();
  }

  private becomeReady(): void {
    if (this.phase !== 'starting') return;
    this.phase = 'running';
    this.ready.resolve();
    const queries = [...this.pages.values()].map((page) => page.query);
    if (queries.length > 0) this.link?.post({ pages: queries });
    this.schedule();
  }

  private async failedToStart(failure: PlainError): Promise<void> {
    this.ready.reject(failure);
    await this.link?.close();
    if (this.restarts > 0)
      await this.replace(Object.assign(new Error(failure.message), { code: failure.code }));
  }

  private take(answers: readonly unknown[], bytes: number): void {
    readAnswers(answers, (answer) => this.settle(answer));
    this.takenBytes += bytes;
    if (this.takenBytes >= TAKEN_STEP) this.schedule();
  }

  private settle(answer: Answer): void {
    if ('position' in answer && answer.position > this.lastPosition)
      this.lastPosition = answer.position;
    this.calls.settle(answer.ref, answer);
  }

  private schedule(): void {
    if (this.scheduled || this.phase !== 'running') return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    if (this.phase !== 'running') return;
    const message: { -readonly [K in keyof ToShard]: ToShard[K] } = {};
    if (this.outgoing.length > 0) message.commands = this.takeOutgoing();
    if (this.aborts.length > 0) message.aborts = this.aborts;
    if (this.takenBytes > 0) message.taken = this.takenBytes;
    this.aborts = [];
    this.takenBytes = 0;
    this.link?.post(message);
  }

  private takeOutgoing(): unknown[] {
    const list: unknown[] = [];
    for (const message of this.outgoing) writeCommand(list, message);
    this.outgoing = [];
    return list;
  }

  // ---- when the thread is gone

  private async replace(cause: Error): Promise<void> {
    if (this.phase === 'stopping' || this.phase === 'stopped') return;
    this.ready.reject(toPlainError(cause));
    this.phase = 'fencing';
    this.restarts += 1;
    this.host.notice({
      kind: 'degraded',
      message: `shard ${this.index} ended and is replaced: ${cause.message}`,
      cause: toPlainError(cause),
    });
    const suspect = readSlots(this.slots);
    const old = this.writer as Writer;
    await this.insist(() => this.host.store.fence(old.id));
    await this.resolveFromLog(old);
    this.blame(suspect.phase === 'none' ? undefined : suspect.ref, cause);
    const writer = await this.insist(() => this.host.store.registerWriter());
    await this.insist(() => this.host.store.retireWriter(old.id));
    if (this.isStopping()) return;
    this.phase = 'starting';
    this.resendAll(writer);
    await this.open(writer);
    this.host.notice({
      kind: 'recovered',
      message: `shard ${this.index} runs again`,
      cause: undefined,
    });
  }

  /** `stop` may have been called while something was awaited. */
  private isStopping(): boolean {
    return this.phase === 'stopping' || this.phase === 'stopped';
  }

  private async resolveFromLog(old: Writer): Promise<void> {
    const calls = this.calls.all().filter(({ message }) => message.type !== STATE_QUERY);
    if (calls.length === 0) return;
    const afterPosition = calls.reduce(
      (lowest, call) => Math.min(lowest, call.afterPosition),
      Number.MAX_SAFE_INTEGER,
    );
    const query = {
      commands: calls.map((call) => call.message),
      afterPosition,
      incarnation: old.incarnation,
    };
    const events = await this.insist(() => this.host.store.findCommands(query));
    for (const answer of answersFromLog(
      calls.map((call) => call.message),
      events,
    ))
      this.settle(answer);
  }

  /** A command that was running at the thread's every death is not sent a third time. */
  private blame(ref: number | undefined, cause: Error): void {
    const call = ref === undefined ? undefined : this.calls.get(ref);
    if (!call || call.message.handovers + 1 < MAX_DEATHS) return;
    const { aggregate, id, type, commandId } = call.message;
    const message = `${aggregate}.${type} on ${id} ended its thread ${MAX_DEATHS} times: ${cause.message}`;
    this.settle({
      ref: call.message.ref,
      kind: 'failed',
      message,
      details: { aggregate, id, command: type, commandId },
      cause: toPlainError(cause),
    });
  }

  private resendAll(writer: Writer): void {
    const unsent = new Set(this.outgoing);
    this.outgoing = this.calls.all().map((call) => {
      if (!unsent.has(call.message))
        call.message = { ...call.message, handovers: call.message.handovers + 1 };
      call.writerId = writer.id;
      return call.message;
    });
  }

  private async insist<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (this.isStopping()) throw error;
        await after(backoffMs(RETRY, attempt));
      }
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
