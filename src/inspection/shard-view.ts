import type { Phase } from '../actor/blame.js';
import type { Domain } from '../aggregate/domain.js';
import { SLICES } from '../messages/slice.js';
import { ownerOf } from '../shard/placement.js';
import type { BatchReport } from '../shard/questions.js';
import { readFigures } from '../telemetry/figures.js';
import type { HistogramReading } from '../telemetry/histogram.js';
import type { OUTCOMES } from '../telemetry/metrics.js';
import type { InspectedShard } from './inspected-shard.js';
import { nameOf } from './names.js';

/** A shard, as an operator sees it. Plain data; times in milliseconds except in histograms, which are in seconds. */
export interface ShardInspection {
  readonly shard: number;
  /** `blocked`: it did not answer within 250 ms, and what is shown is what it last wrote to shared memory. */
  readonly condition: 'running' | 'blocked' | 'replaced' | 'stopped';
  /** Number of its thread, as `worker_threads` counts; undefined where it runs in the host's. */
  readonly thread: number | undefined;
  /** Slices that it owns. */
  readonly slices: readonly number[];
  /** Commands and queries handed to it since it was started, one figure for each of `slices`: where the load is. */
  readonly sliceCommands: readonly number[];
  /** Actors in memory, and of these the ones put aside without work; the latter undefined if it did not answer. */
  readonly actors: number;
  readonly idleActors: number | undefined;
  /** Commands that wait: in all mailboxes, and in the fullest. */
  readonly mailbox: { readonly commands: number; readonly most: number };
  /** Calls that it has not answered yet. */
  readonly inFlight: number;
  /** What is being stored now; undefined if nothing is, or if it did not answer. */
  readonly batch: BatchReport | undefined;
  /** Decided, and not in a batch yet; undefined if it did not answer. */
  readonly uncommittedTail: Omit<BatchReport, 'ageMs'> | undefined;
  /** User code that its thread is in, and for which command; of a blocked one, what blocks it. */
  readonly phase: Phase;
  readonly running: RunningCommand | undefined;
  /** Calls that were answered since the start of the runtime, by outcome; `state` are queries. */
  readonly commands: Readonly<Record<(typeof OUTCOMES)[number], number>>;
  /** Time from `send` to the answer, since the start of the runtime. Seconds. */
  readonly commandDuration: HistogramReading;
  /** Time of appends, since the start of the runtime. Seconds. */
  readonly commitLatency: HistogramReading;
  /** Time by which its timers were late, since the start of the runtime. Seconds. */
  readonly eventLoopDelay: HistogramReading;
  /** Used heap. Bytes. */
  readonly heapUsed: number;
  /** Times its thread was replaced. */
  readonly restarts: number;
  /** Streams that are quarantined, of all shards; undefined if it did not answer. */
  readonly quarantined: number | undefined;
}

/** A command that user code runs for. */
export interface RunningCommand {
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly commandId: string;
}

/** Looks at all shards at once; takes at most 250 ms. */
export async function inspectShards(
  shards: readonly InspectedShard[],
  domain: Domain,
): Promise<ShardInspection[]> {
  const looks = await Promise.all(shards.map((shard) => shard.look()));
  return shards.map((shard, i) => inspected(shard, looks[i], { count: shards.length, domain }));
}

function inspected(
  shard: InspectedShard,
  look: Awaited<ReturnType<InspectedShard['look']>> = { condition: 'stopped' },
  { count, domain }: { readonly count: number; readonly domain: Domain },
): ShardInspection {
  const { condition, report } = look;
  const figures = readFigures(shard.telemetry.memory);
  const slices = slicesOf(shard.index, count);
  return {
    ...{ shard: shard.index, condition, thread: shard.questions.thread },
    ...{ slices, sliceCommands: slices.map((slice) => shard.sliceCommands[slice] ?? 0) },
    ...{ actors: figures.actors, idleActors: report?.idleActors },
    mailbox: { commands: figures.mailboxCommands, most: figures.mailboxCommandsMax },
    inFlight: figures.commandsInFlight,
    ...{ batch: report?.batch, uncommittedTail: report?.pending },
    ...{ phase: shard.activity.phase, running: runningOn(shard, domain) },
    ...{ commands: figures.commands, commandDuration: figures.commandDuration },
    ...{ commitLatency: figures.appendDuration, eventLoopDelay: figures.eventLoopDelay },
    ...{ heapUsed: figures.heapUsed, restarts: shard.restarts },
    quarantined: report?.quarantined,
  };
}

/** The command that a shard's user code runs for, as far as its thread has said. */
export function runningOn(shard: InspectedShard, domain: Domain): RunningCommand | undefined {
  const message = shard.running?.message;
  if (!message) return undefined;
  const { aggregate, id, type, commandId } = message;
  return { aggregate: nameOf(domain, aggregate), id, type, commandId };
}

function slicesOf(index: number, count: number): number[] {
  return Array.from({ length: SLICES }, (_, slice) => slice).filter(
    (slice) => ownerOf(slice, count) === index,
  );
}
