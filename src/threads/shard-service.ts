import { getHeapStatistics } from 'node:v8';
import type { Domain } from '../aggregate/domain.js';
import { readEvent } from '../aggregate/read-event.js';
import { readInline } from '../dispatcher/inline-source.js';
import { type Clock, systemClock } from '../internal/clock.js';
import type { Answer } from '../messages/answer.js';
import { toPlainError } from '../messages/plain-error.js';
import { type PositionRange, rangesOf } from '../messages/position-range.js';
import { Shard } from '../shard/shard.js';
import { ShardInspector } from '../shard/shard-inspector.js';
import type { ShardOptions } from '../shard/shard-options.js';
import type { Notice } from '../shard/shard-output.js';
import type { Quarantine } from '../store/operations.js';
import type { Store, Writer } from '../store/store.js';
import { CELL } from '../telemetry/figures.js';
import { ShardTelemetry } from '../telemetry/shard-telemetry.js';
import {
  type FromShard,
  type PageQuery,
  type PageResult,
  readCommands,
  readHeads,
  type ToShard,
  writeAnswer,
} from './protocol.js';
import { PushSender } from './push-sender.js';
import { answerQuestion, listPacing } from './questions.js';
import { SlotWriter } from './shared-slots.js';

/** A shard's end of its port, in a thread or in the host. */
export interface ShardPort {
  /** The host is in another thread. */
  readonly isRemote: boolean;
  post(message: FromShard): void;
  onMessage(handle: (message: ToShard) => void): void;
}

/** What a shard is started with. */
export interface ShardStart {
  readonly index: number;
  readonly writer: Writer;
  readonly options: ShardOptions;
  readonly slots: SharedArrayBuffer;
  readonly figures: SharedArrayBuffer;
  readonly quarantined?: readonly Quarantine[];
  /** Default: the system's; only in the host's own thread, since functions cannot cross threads. */
  readonly clock?: Clock;
}

const TICK_MS = 250;
const OUTCOME_SWEEP_MS = 60_000;
/** Answers under way to the host, in bytes; beyond this they wait here. */
const ANSWER_CREDIT = 16 * 1024 * 1024;

/** Runs one shard on a port until it is told to stop; resolves then. */
export class ShardService {
  private readonly shard: Shard;
  private readonly slots: SlotWriter;
  private readonly telemetry: ShardTelemetry;
  private readonly pushes: PushSender;
  private readonly inspector: ShardInspector;
  private tickDueAt = performance.now() + TICK_MS;
  private readonly timers: NodeJS.Timeout[];
  private readonly endOfJumps: (() => void) | undefined;
  private answers: unknown[] = [];
  private answerBytes = 0;
  private stored: PositionRange[] = [];
  private credit = ANSWER_CREDIT;
  private flushing = false;
  private finish!: () => void;
  readonly done = new Promise<void>((resolve) => {
    this.finish = resolve;
  });

  constructor(
    private readonly port: ShardPort,
    private readonly store: Store,
    private readonly domain: Domain,
    start: ShardStart,
  ) {
    this.slots = new SlotWriter(start.slots);
    this.telemetry = new ShardTelemetry({
      shard: start.index,
      memory: start.figures,
      isRemote: port.isRemote,
      send: (records) => port.post({ records }),
    });
    this.pushes = new PushSender(this.telemetry.figures);
    const clock = start.clock ?? systemClock;
    this.endOfJumps = clock.onJump?.(() => this.tick());
    this.shard = new Shard({
      store,
      domain,
      writer: start.writer,
      options: start.options,
      clock,
      blame: this.slots,
      inline: readInline(domain),
      telemetry: this.telemetry,
      output: {
        answer: (answer) => this.answer(answer),
        giveUp: (command) => port.post({ givenUp: [command] }),
        notice: (notice) => this.notice(notice),
        // The answers of the batch leave with it.
        stored: (batch) => {
          this.stored.push(...rangesOf(batch.positions));
          this.pushes.push(batch);
        },
        notStored: () => this.pushes.askToRead(),
      },
    });
    this.inspector = new ShardInspector(
      this.shard.inside,
      listPacing(() => this.slots.beat()),
    );
    this.inspector.quarantine(start.quarantined ?? []);
    this.timers = [
      setInterval(() => this.tick(), TICK_MS),
      setInterval(() => void this.shard.sweepOutcomes().catch(() => undefined), OUTCOME_SWEEP_MS),
    ];
    port.onMessage((message) => this.receive(message));
    port.post({ ready: true });
  }

  private receive(message: ToShard): void {
    const { port } = this;
    this.slots.beat();
    if (message.taken) this.takeBack(message.taken);
    if (message.line) this.pushes.take(message.line);
    if (message.listen) this.telemetry.listen(message.listen);
    if (message.heard) this.telemetry.heard(message.heard);
    if (message.inspect?.some(({ question }) => question.kind === 'shard')) this.gauge();
    if (message.commands) readCommands(message.commands, (command) => this.shard.accept(command));
    for (const { aggregate, id, ref } of message.aborts ?? []) this.shard.abort(aggregate, id, ref);
    if (message.foreign)
      readHeads(message.foreign, (aggregate, id, version) =>
        this.shard.hearOf(aggregate, id, version),
      );
    for (const asked of message.inspect ?? [])
      void answerQuestion(this.inspector, asked).then((told) => port.post({ inspected: [told] }));
    for (const query of message.pages ?? [])
      void this.readPage(query).then((result) => port.post({ pages: [result] }));
    if (message.stop !== undefined) void this.stop(message.stop);
  }

  private answer(answer: Answer): void {
    this.answerBytes += writeAnswer(this.answers, answer);
    if (this.flushing) return;
    this.flushing = true;
    queueMicrotask(() => this.flush());
  }

  private flush(): void {
    this.flushing = false;
    if (this.answers.length === 0 || this.credit <= 0) return;
    this.credit -= this.answerBytes;
    this.port.post({ answers: this.answers, bytes: this.answerBytes, stored: this.stored });
    this.answers = [];
    this.stored = [];
    this.answerBytes = 0;
  }

  private takeBack(bytes: number): void {
    this.credit += bytes;
    this.flush();
  }

  private notice({ kind, message, cause }: Notice): void {
    this.port.post({
      notices: [{ kind, message, cause: cause === undefined ? undefined : toPlainError(cause) }],
    });
  }

  private async readPage({ ref, aggregate, id, after, limit }: PageQuery): Promise<PageResult> {
    try {
      const events = await this.store.readStream({ aggregate, id }, { after, limit });
      const definition = this.domain.stored.get(aggregate);
      return { ref, events: events.map((event) => readEvent(definition, event)) };
    } catch (error) {
      return { ref, events: [], failure: toPlainError(error) };
    }
  }

  private tick(): void {
    this.slots.beat();
    const now = performance.now();
    this.telemetry.figures.recordMs(CELL.eventLoopDelay, now - this.tickDueAt);
    this.tickDueAt = now + TICK_MS;
    this.shard.tick(this.gauge());
    this.inspector.tick();
  }

  /** Brings gauges up to date; returns the used heap in bytes. */
  private gauge(): number {
    const usedHeap = getHeapStatistics().used_heap_size;
    const { waiting, most } = this.shard.waiting;
    const { figures } = this.telemetry;
    figures.set(CELL.heapUsed, usedHeap);
    figures.set(CELL.actors, this.shard.actorCount);
    figures.set(CELL.mailboxCommands, waiting);
    figures.set(CELL.mailboxCommandsMax, most);
    return usedHeap;
  }

  private async stop(drainMs: number): Promise<void> {
    await this.shard.stop(drainMs);
    this.pushes.close();
    for (const timer of this.timers) clearInterval(timer);
    this.endOfJumps?.();
    this.credit = Number.POSITIVE_INFINITY;
    this.flush();
    this.gauge();
    this.telemetry.flush();
    this.port.post({ stopped: true });
    this.finish();
    await this.store.close().catch(() => undefined);
  }
}
