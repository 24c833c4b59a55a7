import { backoffMs } from '../internal/backoff.js';
import { isRefusal } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import type { Batch, Checkpoint } from '../store/subscriptions.js';
import type { BatchMeter } from './batch-meter.js';
import { type RetryOptions, verdictOn } from './failure.js';
import type { FeedBlame } from './feed-blame.js';
import { placeOf } from './handling.js';
import type { Task } from './task.js';
import type { Turnstile } from './turnstile.js';
import { type Entry, UnderWay } from './under-way.js';

/*
 * Events of a consumer that asks for tasks, each on its own way:
 *
 *   taken --> its tasks, each at the end of its lane --all done--> finished
 *                |   a lane runs one task at a time
 *                +-- fails, and that passes: again, until it succeeds; its lane waits, the others go on
 *                +-- fails otherwise: again a few times, then the event is given up, and waits until it is
 *                    the oldest one under way; then its stream is parked
 *
 * Nothing that comes later in the stream of an event that is given up is begun. An event whose tasks cannot
 * even be told keeps those behind it in its stream waiting, as a lane of its own.
 */

/** What a pipeline is made of. */
export interface PipelineParts {
  /** What an event asks for; may throw. */
  tasksOf(event: StoredEvent): readonly Task[];
  /** Its stream is not parked. */
  isOpen(event: StoredEvent): boolean;
  readonly blame: FeedBlame;
  readonly meter: BatchMeter;
  readonly turnstile: Turnstile;
  readonly retry: RetryOptions;
  /** Told when something was finished, given up, or failed. Soon, and once for all that happens meanwhile. */
  changed(): void;
}

interface Job extends Task {
  readonly entry: Entry;
  /** Failures that count. */
  failures: number;
  /** Those that pass by themselves. */
  waits: number;
}

/** A failure that is being tried again. */
export interface Trouble {
  readonly attempts: number;
  readonly error: unknown;
}

/** Events under way at most, and bytes of them: as many as are held in memory. */
const MAX_UNDER_WAY = 4000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Positions that are read ahead of the oldest event under way at most: a crash repeats what lies between. */
const MAX_AHEAD = 200_000;
const PASSING = { firstMs: 20, maxMs: 2000 };

/** The way of events from where they were read until they are finished. */
export class Pipeline {
  private readonly underWay: UnderWay;
  private readonly lanes = new Map<string, Job[]>();
  /** Positions of events that were given up and are not parked yet, by stream: nothing behind them is begun. */
  private readonly shut = new Map<string, number>();
  /** Events that wait for their tasks to be told. */
  private gated = 0;
  /** Tasks that run, and do not wait for somebody who has to be alone. */
  private running = 0;
  private readonly troubles = new Map<Job, Trouble>();
  private readonly pauses = new Map<NodeJS.Timeout, () => void>();
  private drained: (() => void) | undefined;
  private read: Checkpoint;
  private isOver = false;
  private isTold = false;
  /** It cannot go on in this process. */
  lost: unknown;

  constructor(
    start: Checkpoint,
    private readonly parts: PipelineParts,
  ) {
    this.underWay = new UnderWay(start);
    this.read = start;
  }

  /** All up to there is finished. */
  get done(): Checkpoint {
    return this.underWay.done;
  }

  /** Events that may be taken now. */
  get room(): number {
    const { size, bytes, done } = this.underWay;
    if (bytes >= MAX_BYTES || this.read.position - done.position >= MAX_AHEAD) return 0;
    return Math.max(0, MAX_UNDER_WAY - size);
  }

  /** The failure that has been tried most often. */
  get trouble(): Trouble | undefined {
    let worst: Trouble | undefined;
    for (const one of this.troubles.values())
      if (!worst || one.attempts > worst.attempts) worst = one;
    return worst;
  }

  /** The oldest event, if it was given up: its stream has to be parked. */
  get givenUp(): Entry | undefined {
    const { oldest } = this.underWay;
    return oldest?.givenUp && oldest;
  }

  private get isStopped(): boolean {
    return this.isOver || this.lost !== undefined;
  }

  /** Takes a batch in the order of the log. */
  take({ events, upTo }: Batch): void {
    this.running += 1;
    for (const event of events) this.begin(event);
    this.underWay.pass(upTo);
    this.read = upTo;
    this.running -= 1;
    this.note();
  }

  /** The stream of the event that was given up is parked: `isOpen` says so from now on. */
  parked(entry: Entry): void {
    this.shut.delete(keyOf(entry.event));
    this.finish(entry);
  }

  /** Begins nothing more. What is under way goes on, and nobody hears of it. */
  end(): void {
    this.isOver = true;
    for (const [timer, resume] of this.pauses) {
      clearTimeout(timer);
      resume();
    }
    this.parts.blame.leave();
  }

  /** Resolves when nothing runs any more, after `end`. */
  async ended(): Promise<void> {
    if (this.lanes.size > 0) await new Promise<void>((resolve) => (this.drained = resolve));
  }

  // ---- one event

  private begin(event: StoredEvent): void {
    if (this.isClosed(event)) return this.underWay.pass(placeOf(event));
    const entry = this.underWay.begin(event);
    this.note();
    if (this.gated > 0 && this.lanes.has(gateOf(event))) return this.gate(entry);
    try {
      this.open(entry);
      this.doneWith(entry);
    } catch (error) {
      this.gate(entry, error);
    }
  }

  /** Its tasks are not known yet. `failure`: why. */
  private gate(entry: Entry, failure?: unknown): void {
    this.gated += 1;
    const run = async (): Promise<void> => this.open(entry);
    this.enqueue({ entry, lane: gateOf(entry.event), run, failures: 0, waits: 0 }, failure);
  }

  /** Puts its tasks into their lanes. */
  private open(entry: Entry): void {
    const tasks = this.parts.tasksOf(entry.event);
    entry.left += tasks.length;
    for (const { lane, isLong = false, run } of tasks)
      this.enqueue({ entry, lane, isLong, run, failures: 0, waits: 0 });
  }

  private doneWith(entry: Entry): void {
    entry.left -= 1;
    if (entry.left > 0) return;
    this.parts.meter.finished(entry.event, entry.since);
    this.finish(entry);
  }

  private finish(entry: Entry): void {
    this.underWay.finish(entry);
    this.note();
    this.tell();
  }

  /** It is not to be begun: its stream waits. */
  private isClosed(event: StoredEvent): boolean {
    if (!this.parts.isOpen(event)) return true;
    if (this.shut.size === 0) return false;
    const from = this.shut.get(keyOf(event));
    return from !== undefined && from < event.position;
  }

  /** Where it is seen although the thread is blocked or dead: from the oldest to the newest, while any runs. */
  private note(): void {
    if (this.isOver) return;
    const { oldest, newest } = this.underWay;
    if (this.running > 0 && oldest && newest)
      this.parts.blame.enter(oldest.event.position, newest.event.position);
    else this.parts.blame.leave();
  }

  private tell(): void {
    if (this.isTold) return;
    this.isTold = true;
    setImmediate(() => {
      this.isTold = false;
      if (!this.isOver) this.parts.changed();
    });
  }

  // ---- lanes

  private enqueue(job: Job, failure?: unknown): void {
    const queue = this.lanes.get(job.lane);
    if (queue) return void queue.push(job);
    const lane = [job];
    this.lanes.set(job.lane, lane);
    void this.work(job.lane, lane, failure);
  }

  private async work(name: string, lane: Job[], failure: unknown): Promise<void> {
    let failed = failure;
    for (let job = lane[0]; job && !this.isStopped; job = lane[0]) {
      await this.see(job, failed);
      failed = undefined;
      lane.shift();
      if (name.startsWith(GATE)) this.gated -= 1;
    }
    this.lanes.delete(name);
    if (this.lanes.size === 0) this.drained?.();
  }

  /** Tries a task until it is done, given up or of no use. `failure`: that of its first attempt. */
  private async see(job: Job, failure: unknown): Promise<void> {
    let error = failure ?? (await this.attempt(job));
    while (error !== undefined) {
      const pauseMs = this.judge(job, error);
      if (pauseMs === undefined) return;
      await this.pause(pauseMs);
      error = await this.attempt(job);
    }
    this.troubles.delete(job);
    if (!this.isStopped && !job.entry.givenUp) this.doneWith(job.entry);
  }

  /** What it failed with; `undefined` if it did not, or is not begun any more. */
  private async attempt(job: Job): Promise<unknown> {
    const { entry, isLong } = job;
    if (this.isStopped || entry.givenUp || this.isClosed(entry.event)) return undefined;
    try {
      let end: Promise<void> | undefined;
      await this.parts.turnstile.pass(false, async () => {
        end = this.run(job);
        if (!isLong) await end;
      });
      await end;
      return undefined;
    } catch (error) {
      return error ?? new Error('a task failed with nothing');
    }
  }

  private async run(job: Job): Promise<void> {
    this.running += 1;
    this.note();
    try {
      await job.run();
    } finally {
      this.running -= 1;
      this.note();
    }
  }

  /** How long to wait for the next attempt; `undefined` if there is none. */
  private judge(job: Job, error: unknown): number | undefined {
    if (this.isStopped) return undefined;
    const attempt = job.failures + 1;
    const verdict = verdictOn(error, { size: 1, attempt, isNarrowed: false }, this.parts.retry);
    this.tell();
    if (verdict === 'lost' || isRefusal(error, 'NotOwner')) {
      this.lost ??= error;
      return undefined;
    }
    this.parts.meter.retriedAlone(job.entry.event, { since: job.entry.since, attempt, error });
    if (verdict === 'wait') job.waits += 1;
    else job.failures = attempt;
    this.troubles.set(job, { attempts: job.failures + job.waits, error });
    if (verdict === 'wait') return backoffMs(PASSING, job.waits);
    if (verdict === 'again') return backoffMs(this.parts.retry, attempt);
    this.giveUp(job, error);
    return undefined;
  }

  private giveUp(job: Job, error: unknown): void {
    const { entry, failures: attempts } = job;
    this.troubles.delete(job);
    if (entry.givenUp) return; // by another of its tasks
    entry.givenUp = { attempts, error };
    const stream = keyOf(entry.event);
    const { position } = entry.event;
    this.shut.set(stream, Math.min(position, this.shut.get(stream) ?? position));
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.pauses.delete(timer);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.pauses.set(timer, end);
    });
  }
}

function keyOf({ aggregate, id }: StoredEvent): string {
  return streamKey(aggregate, id);
}

const GATE = '\0gate\0';

/** The lane of those whose tasks are not known yet. */
function gateOf(event: StoredEvent): string {
  return GATE + keyOf(event);
}
