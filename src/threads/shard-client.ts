import type { MessagePort } from 'node:worker_threads';
import { after } from '../internal/after.js';
import { everySo } from '../internal/clock.js';
import { deferred } from '../internal/deferred.js';
import type { Answer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import type { ReadEvent } from '../messages/event.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import { SLICES } from '../messages/slice.js';
import {
  ABORTED,
  DEADLINE_PASSED,
  isNotOwner,
  notOwner,
  type Refusal,
  refusedAnswer,
  STOPPING,
} from '../shard/refusals.js';
import { fenceIfThere } from '../store/fence-if-there.js';
import { isOwnedByAnother } from '../store/ownership.js';
import type { LogHead, Writer } from '../store/store.js';
import { HostTelemetry } from '../telemetry/host-telemetry.js';
import { judgeDeath, MAX_DEATHS } from './ended-its-thread.js';
import { HandoverWindow } from './handover-window.js';
import { backOff, insist } from './insist.js';
import { Outbox } from './outbox.js';
import { type PendingCall, PendingCalls, type Reply } from './pending-calls.js';
import { PendingPages } from './pending-pages.js';
import {
  commandBytes,
  type FromShard,
  flatHeads,
  type PageQuery,
  type PlainNotice,
  readAnswers,
} from './protocol.js';
import { Questions } from './questions.js';
import { resolveFromLog } from './resolve-from-log.js';
import { BLOCKED, type Look } from './shard-condition.js';
import type { ShardHost } from './shard-host.js';
import type { LinkEvents, ShardLink } from './shard-link.js';
import { createSlots, readSlots } from './shared-slots.js';

/*
 * The host's side of one shard, across the starts of its thread:
 *
 *   starting --ready--> running --died--> fencing: the old writer's epoch is raised, so that nothing it
 *      ^                                     |     had under way can still commit; what it did commit is
 *      +---new writer, new thread------------+     answered from the log, all else is sent again in order
 *
 * A thread is replaced only after its exit and the fence, so that it never runs beside its successor;
 * and not at all once another process owns the log.
 */
type Phase = 'starting' | 'running' | 'fencing' | 'stopping' | 'stopped';

const SWEEP_MS = 250;

export class ShardClient {
  private phase: Phase = 'starting';
  private link: ShardLink | undefined;
  private writer: Writer | undefined;
  private slots = createSlots();
  private readonly outbox = new Outbox();
  private scheduled = false;
  private readonly pages = new PendingPages();
  private readonly window = new HandoverWindow();
  readonly telemetry: HostTelemetry;
  readonly questions = new Questions(() => {
    return this.phase === 'running' ? { link: this.link, slots: this.slots } : undefined;
  });
  private readonly calls: PendingCalls;
  private readonly ready = deferred<void>();
  private readonly stopped = deferred<void>();
  private readonly ending = new AbortController();
  private readonly endSweeps: () => void;
  /** Times the thread was replaced. */
  restarts = 0;
  /** Commands that were handed over, by their slice; counted by the router, which knows it. */
  readonly sliceCommands = new Float64Array(SLICES);
  /** Of these, those in a row in which it ended before it took commands. */
  private failedStarts = 0;
  /** Highest position seen in an answer. */
  private lastPosition = 0;

  constructor(
    readonly index: number,
    private readonly host: ShardHost,
  ) {
    this.telemetry = new HostTelemetry(index, host.logger);
    this.calls = new PendingCalls(host.maxInFlight, host.maxInFlightBytes, (call, reply) =>
      this.telemetry.settled(call.sentAt, reply),
    );
    this.ready.promise.catch(() => undefined); // who starts the shard hears of it
    this.endSweeps = everySo(host.clock, SWEEP_MS, () => this.dropLate(host.clock.now()));
  }

  get inFlight(): number {
    return this.calls.size;
  }

  /** What the thread was last known to do; readable while it is blocked. */
  get activity(): ReturnType<typeof readSlots> {
    return readSlots(this.slots);
  }

  /** The command that a user's code runs for, as far as the thread has said. */
  get running(): PendingCall | undefined {
    const { phase, ref } = this.activity;
    return phase === 'none' ? undefined : this.calls.get(ref);
  }

  /** How the shard is and, if it answers within 250 ms, its inside; its gauges are up to date then. */
  async look(): Promise<Look> {
    this.telemetry.inFlight(this.calls.size);
    const told = await this.questions.ask({ kind: 'shard' });
    if (this.phase !== 'running') return { condition: this.isStopping() ? 'stopped' : 'replaced' };
    return told.kind === 'silent' ? BLOCKED : { condition: 'running', report: told.answer };
  }

  /** Starts the shard for the first time; `whenReady` tells when it takes commands. */
  async start(): Promise<void> {
    const writer = await this.host.store.registerWriter(this.host.lease);
    // Another shard may have failed to start meanwhile, and this one was told to stop.
    if (!this.isStopping()) this.open(writer);
  }

  /** Rejects with what kept the shard from starting. */
  get whenReady(): Promise<void> {
    return this.ready.promise;
  }

  /** Hands a command over; false if a bound is reached, and then it is certainly not executed. */
  send(message: CommandMessage, settle: (reply: Reply) => void): boolean {
    const call = {
      message,
      settle,
      bytes: commandBytes(message),
      sentAt: this.telemetry.now(),
      afterPosition: Math.max(this.lastPosition, this.writer?.afterPosition ?? 0),
      incarnation: this.writer?.incarnation ?? '',
      writerId: this.writer?.id ?? 0,
      suspicions: 0,
    };
    if (!this.calls.add(call)) {
      this.telemetry.overloaded();
      return false;
    }
    this.outbox.commands.push(message);
    this.schedule();
    return true;
  }

  abort({ aggregate, id, ref }: CommandMessage): void {
    const call = this.calls.get(ref);
    if (!call) return;
    if (this.outbox.commands.includes(call.message))
      return this.refuseUnsent([call.message], ABORTED);
    this.outbox.aborts.push({ aggregate, id, ref });
    this.schedule();
  }

  readPage(query: PageQuery): Promise<readonly ReadEvent[]> {
    if (this.phase === 'running') this.link?.post({ pages: [query] });
    return this.pages.add(query);
  }

  /** The writer that the shard appends as; `undefined` before it was started. */
  get writerId(): number | undefined {
    return this.writer?.id;
  }

  get isRunning(): boolean {
    return this.phase === 'running';
  }

  /** Gives the shard a line to the processor. */
  takeLine(line: MessagePort): void {
    this.link?.post({ line }, [line]);
  }

  /** Tells the shard what others have appended to streams of its slices. A hint: lost where no thread runs. */
  hearOf(heads: readonly LogHead[]): void {
    if (this.phase === 'running') this.link?.post({ foreign: flatHeads(heads) });
  }

  /**
   * Drains for at most `drainMs`; what is not settled then is answered as unknown, and what the shard has
   * not got is refused as `refusal` says.
   */
  async stop(drainMs: number, refusal: Refusal = STOPPING): Promise<void> {
    const wasRunning = this.phase === 'running';
    this.flush();
    this.phase = 'stopping';
    this.ending.abort();
    this.ready.reject(new Error('the runtime stops'));
    this.refuseUnsent(this.outbox.commands, refusal);
    if (wasRunning) {
      this.link?.post({ stop: drainMs });
      await Promise.race([this.stopped.promise, after(drainMs + 1000)]);
    }
    this.phase = 'stopped';
    this.questions.forget();
    this.endSweeps();
    for (const call of this.calls.all()) this.calls.giveUpOn(call, 'the runtime stopped');
    this.pages.refuseAll(refusal);
    await this.link?.close();
  }

  private open(writer: Writer): void {
    // Positions of another server tell nothing of where this one's appends begin.
    if (this.writer?.incarnation !== writer.incarnation) this.lastPosition = 0;
    this.writer = writer;
    this.slots = createSlots();
    const events: LinkEvents = {
      message: (message) => this.receive(message),
      died: (cause) => void this.replace(cause),
    };
    this.telemetry.forget();
    const { index, slots } = this;
    const figures = this.telemetry.memory;
    const quarantined = this.host.quarantined?.() ?? [];
    this.link = this.host.openLink({ index, writer, slots, figures, quarantined }, events);
  }

  private receive(message: FromShard): void {
    if (message.ready) this.becomeReady();
    if (message.answers) this.take(message.answers, message.bytes ?? 0);
    for (const { ref, reason } of message.givenUp ?? []) this.giveUp(ref, reason);
    if (message.stored && message.stored.length > 0) this.host.stored(message.stored);
    for (const page of message.pages ?? []) this.pages.settle(page);
    for (const notice of message.notices ?? []) this.tell(notice);
    if (message.records) this.telemetry.take(message.records);
    for (const told of message.inspected ?? []) this.questions.settle(told);
    if (message.failed) void this.failedToStart(message.failed);
    if (message.stopped) this.stopped.resolve();
  }

  private becomeReady(): void {
    if (this.phase !== 'starting') return;
    this.phase = 'running';
    this.failedStarts = 0;
    this.ready.resolve();
    this.host.lines?.shardRuns(this.index, this);
    const message = `shard ${this.index} runs again`;
    if (this.restarts > 0) this.tell({ kind: 'recovered', message, cause: undefined });
    else this.telemetry.log('info', {}, `shard ${this.index} runs`);
    const { queries } = this.pages;
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
    this.outbox.takenBytes += bytes;
    if (this.outbox.isPressing) this.schedule();
  }

  private settle(answer: Answer): void {
    if ('position' in answer) this.lastPosition = Math.max(this.lastPosition, answer.position);
    this.calls.settle(answer.ref, answer);
    if (isNotOwner(answer)) this.host.disowned?.(answer.details.owner ?? undefined);
    if (this.window.isNarrow && (this.calls.oldest?.message.handovers ?? 0) < MAX_DEATHS)
      this.window.open();
  }

  private giveUp(ref: number, reason: string): void {
    const call = this.calls.get(ref);
    if (call) this.calls.giveUpOn(call, reason);
  }

  /** Refuses commands that the shard has not got: they are certainly not executed. */
  private refuseUnsent(unsent: readonly CommandMessage[], refusal: Refusal): void {
    this.outbox.without(unsent);
    for (const message of unsent) this.calls.settle(message.ref, refusedAnswer(message, refusal));
  }

  private dropLate(now: number): void {
    const late = this.outbox.commands.filter((message) => message.deadline <= now);
    if (late.length > 0) this.refuseUnsent(late, DEADLINE_PASSED);
    this.calls.giveUp(now - this.host.unknownAfterMs);
    if (this.telemetry.hasNews) this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.phase !== 'running') return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    if (this.phase !== 'running') return;
    const message = this.outbox.take(this.window.room(this.handedOver));
    Object.assign(message, this.telemetry.news());
    this.link?.post(message);
  }

  /** Commands that the thread has. */
  private get handedOver(): number {
    return Math.max(0, this.calls.size - this.outbox.commands.length);
  }

  // ---- when the thread is gone

  private replace(cause: Error): Promise<void> {
    return this.fenceAndReplace(cause).catch((error) => this.notReplaced(error));
  }

  private async fenceAndReplace(cause: Error): Promise<void> {
    if (this.isStopping()) return this.stopped.resolve();
    this.ready.reject(toPlainError(cause));
    if (this.phase === 'starting') this.failedStarts += 1;
    this.phase = 'fencing';
    this.questions.forget();
    this.restarts += 1;
    const message = `shard ${this.index} ended and is replaced: ${cause.message}`;
    this.telemetry.restarted();
    this.tell({ kind: 'degraded', message, cause: toPlainError(cause) });
    const { store, lease } = this.host;
    const old = this.writer as Writer;
    await this.insist(() => fenceIfThere(store, old.id));
    const known = await this.insist(() =>
      resolveFromLog(store, this.calls.all(), old.incarnation, this.host.answerEvents),
    );
    for (const answer of known) this.settle(answer);
    this.blame(cause);
    if (this.failedStarts > 0) await backOff(this.failedStarts, this.ending.signal);
    const writer = await this.insist(() => store.registerWriter(lease));
    await this.insist(() => store.retireWriter(old.id));
    if (this.isStopping()) return;
    this.phase = 'starting';
    this.outbox.commands = this.calls.readdress(new Set(this.outbox.commands), writer.id);
    this.open(writer);
  }

  /** After the fence: of what is not in the log, only the outcome of a key may have been stored. */
  private notReplaced(error: unknown): void {
    if (!isOwnedByAnother(error) || this.isStopping()) return;
    for (const call of this.calls.handed(this.outbox.commands))
      if (call.message.key !== '') this.calls.giveUpOn(call, 'its thread ended');
    const left = this.calls.all().map(({ message }) => message);
    this.refuseUnsent(left, notOwner(error.owner));
    this.host.disowned?.(error.owner);
  }

  /** `stop` may have been called while something was awaited. */
  private isStopping(): boolean {
    return this.phase === 'stopping' || this.phase === 'stopped';
  }

  /** Fails the command that ended the thread, if it is known and has done so before. */
  private blame(cause: Error): void {
    const handed = this.calls.handed(this.outbox.commands);
    const failed = judgeDeath(handed, this.running, this.window, cause);
    if (failed) this.settle(failed);
  }

  private tell(notice: PlainNotice): void {
    this.host.notice({ ...notice, shard: this.index });
  }

  /** Until it succeeds, or the shard is told to stop. */
  private insist<T>(work: () => Promise<T>): Promise<T> {
    return insist(work, this.ending.signal);
  }
}
