import type { InspectionJob, JobResults, JobRunner } from '../inspection/inspection-jobs.js';
import { jobError } from '../inspection/inspector.js';
import { type Deferred, deferred } from '../internal/deferred.js';
import { within } from '../internal/within.js';
import { TroupeError } from '../messages/errors.js';
import { HeartbeatJudge, LOOK_EVERY_MS } from './heartbeat.js';
import type { FromInspection, InspectionTask, ToInspection } from './inspection-protocol.js';
import { PooledThread } from './pooled-thread.js';
import { createSlots, readSlots } from './shared-slots.js';

/*
 * A thread that folds for those who look: started by the first job, ended when there was none for a
 * while, and when its heart stops, since then code of the domain runs in it without end.
 *
 *   none --job--> running --no job for idleMs, or close--> ending --> none
 *                    +---no heartbeat for blockedAfterMs, or it died: its jobs fail--> none
 */

/** Bounds of an inspection thread, in milliseconds. */
export interface InspectionTimes {
  /** Without a job for this long, it ends. */
  readonly idleMs: number;
  /** Without a heartbeat for this long, it is ended. */
  readonly blockedAfterMs: number;
}

const TIMES: InspectionTimes = { idleMs: 30_000, blockedAfterMs: 5000 };
/** Until its first heartbeat it imports the domain module. */
const START_MS = 60_000;
const CLOSE_MS = 1000;

interface Running {
  readonly thread: PooledThread;
  readonly slots: SharedArrayBuffer;
  readonly jobs: Map<number, Deferred<unknown>>;
  readonly stopped: Deferred<void>;
  ticks: NodeJS.Timeout | undefined;
  idle: NodeJS.Timeout | undefined;
}

/** Does jobs in a thread of its own, which is there only while somebody looks. */
export class InspectionThread implements JobRunner {
  private running: Running | undefined;
  private ending: Promise<void> | undefined;
  private isClosed = false;
  private lastRef = 0;

  constructor(
    private readonly domain: URL,
    private readonly task: Omit<InspectionTask, 'domain' | 'slots'>,
    private readonly times: InspectionTimes = TIMES,
  ) {}

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.running !== undefined;
  }

  run<Job extends InspectionJob>(job: Job): Promise<JobResults[Job['kind']]> {
    if (this.isClosed)
      return Promise.reject(new TroupeError('Stopping', 'The runtime is stopping'));
    this.running ??= this.start();
    const { running } = this;
    this.lastRef += 1;
    const result = deferred<unknown>();
    running.jobs.set(this.lastRef, result);
    clearTimeout(running.idle);
    running.ticks ??= this.watch(running);
    this.post(running, { ref: this.lastRef, job });
    // Each kind of job has its own result.
    return result.promise as Promise<JobResults[Job['kind']]>;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.running) this.end(this.running);
    await this.ending;
  }

  private start(): Running {
    const slots = createSlots();
    const task: InspectionTask = { ...this.task, domain: this.domain.href, slots };
    const thread = new PooledThread({ entry: 'inspector', domain: this.domain, task });
    const running: Running = {
      ...{ thread, slots, jobs: new Map(), stopped: deferred<void>() },
      ...{ ticks: undefined, idle: undefined },
    };
    thread.port.on('message', (message: FromInspection) => this.receive(running, message));
    void thread.over.then((cause) => {
      if (!thread.isClosed) this.lose(running, cause, 'InspectionEnded');
    });
    return running;
  }

  private receive(
    running: Running,
    { ref, result, failure, failed, stopped }: FromInspection,
  ): void {
    if (stopped) return running.stopped.resolve();
    if (failed) return this.lose(running, failed, failed.code ?? 'InspectionNotStarted');
    const job = running.jobs.get(ref ?? 0);
    running.jobs.delete(ref ?? 0);
    if (failure) job?.reject(jobError(failure));
    else job?.resolve(result);
    if (running.jobs.size > 0 || this.running !== running) return;
    this.unwatch(running);
    running.idle = setTimeout(() => this.end(running), this.times.idleMs).unref();
  }

  private watch(running: Running): NodeJS.Timeout {
    const judge = new HeartbeatJudge();
    return setInterval(() => this.tick(running, judge), LOOK_EVERY_MS).unref();
  }

  private unwatch(running: Running): void {
    clearInterval(running.ticks);
    running.ticks = undefined;
  }

  private tick(running: Running, judge: HeartbeatJudge): void {
    const { heartbeat } = readSlots(running.slots);
    const limitMs = heartbeat === 0 ? START_MS : this.times.blockedAfterMs;
    if (judge.look(heartbeat) < limitMs) return;
    const cause = new Error(`code of the domain ran for ${limitMs} ms without a pause`);
    this.lose(running, cause, 'InspectionBlocked');
  }

  /** Whatever it was asked for will not come. */
  private lose(running: Running, cause: { readonly message: string }, code: string): void {
    const message = `What was asked for could not be worked out: the inspection thread ended: ${cause.message}`;
    const jobs = [...running.jobs.values()];
    running.jobs.clear();
    running.stopped.resolve(); // it will not say so itself
    this.end(running);
    for (const job of jobs) job.reject(new TroupeError(code, message, {}, cause));
  }

  private end(running: Running): void {
    if (this.running === running) this.running = undefined;
    this.unwatch(running);
    clearTimeout(running.idle);
    for (const job of running.jobs.values())
      job.reject(new TroupeError('Stopping', 'The runtime is stopping'));
    running.jobs.clear();
    this.post(running, { stop: true });
    const before = this.ending;
    this.ending = (async () => {
      await Promise.all([before, within(CLOSE_MS, running.stopped.promise)]);
      await running.thread.close();
    })();
  }

  private post({ thread }: Running, message: ToInspection): void {
    thread.port.postMessage(message);
  }
}
