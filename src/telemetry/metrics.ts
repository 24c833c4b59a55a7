import type { RefusalCode } from '../messages/errors.js';
import type { HistogramReading } from './histogram.js';

/** What became of calls: `state` is an answered query for the state. */
export const OUTCOMES = ['accepted', 'rejected', 'refused', 'failed', 'unknown', 'state'] as const;
/** What became of an append, as the store tells it. */
export const APPEND_RESULTS = [
  'stored',
  'conflict',
  'locked',
  'fenced',
  'restarted',
  'invalid',
  'unavailable',
  'ambiguous',
  'broken',
] as const;
/** Why commands were refused; `other` is a code that this table does not know. */
export const REFUSALS = [
  'InvalidCommand',
  'UnknownCommand',
  'UnknownAggregate',
  'InvalidId',
  'KeyReused',
  'VersionConflict',
  'Overloaded',
  'Contended',
  'DeadlineExceeded',
  'Aborted',
  'Stopping',
  'Unavailable',
  'StreamUnreadable',
  'Quarantined',
  'other',
] as const satisfies readonly (RefusalCode | 'other')[];

/** How a metric is kept and shown. Names follow OpenMetrics: base units, `_total` for counters. */
export type MetricDefinition = {
  /** Name outside of JavaScript. */
  readonly name: string;
  readonly help: string;
} & (
  | { readonly kind: 'counter'; readonly label?: string; readonly values?: readonly string[] }
  /** `merge`: what the figure of several shards together is. */
  | { readonly kind: 'gauge'; readonly merge: 'sum' | 'max' }
  /** `scale` turns the whole numbers that are recorded into the unit of the name. */
  | { readonly kind: 'histogram'; readonly scale: number }
);

const MICROSECONDS = 1e-6;

/** All metrics of a shard. Counters and histograms count from the start of the runtime, across restarts of the shard's thread. */
export const METRICS = {
  /** Calls that were answered, by outcome. */
  commands: {
    kind: 'counter',
    name: 'troupe_commands_total',
    help: 'Calls that were answered, by outcome',
    label: 'outcome',
    values: OUTCOMES,
  },
  /** Refused calls, by code. Calls that cannot be sent at all (an ill-formed id) are not among them. */
  refusals: {
    kind: 'counter',
    name: 'troupe_command_refusals_total',
    help: 'Refused calls, by code',
    label: 'code',
    values: REFUSALS,
  },
  /** Calls refused as `Overloaded`, by the bound they met: one actor's mailbox, or the shard's commands and bytes under way. */
  overloads: {
    kind: 'counter',
    name: 'troupe_overloads_total',
    help: 'Calls refused as Overloaded, by the bound they met',
    label: 'limit',
    values: ['mailbox', 'shard'],
  },
  /** Calls handed over and not answered yet. */
  commandsInFlight: {
    kind: 'gauge',
    name: 'troupe_commands_in_flight',
    help: 'Calls handed over and not answered yet',
    merge: 'sum',
  },
  /** Seconds from `send` to the answer, in the host; calls of one turn of the event loop count from the first of them. */
  commandDuration: {
    kind: 'histogram',
    name: 'troupe_command_duration_seconds',
    help: 'Time from send to the answer, in the host',
    scale: MICROSECONDS,
  },
  /** Seconds from a command's arrival in its shard to its (last) decision. */
  queueWait: {
    kind: 'histogram',
    name: 'troupe_queue_wait_seconds',
    help: 'Time from the arrival of a command in its shard to its decision',
    scale: MICROSECONDS,
  },
  /** Seconds that decide, evolve and schemas took for one command; one synchronous decision in 64 is measured. */
  decideDuration: {
    kind: 'histogram',
    name: 'troupe_decide_duration_seconds',
    help: 'Time to decide and evolve one command, of one decision in 64',
    scale: MICROSECONDS,
  },
  /** Commands that went back to their mailbox to be decided again. */
  retries: {
    kind: 'counter',
    name: 'troupe_command_retries_total',
    help: 'Commands that went back to their mailbox to be decided again',
  },
  /** Times an actor was cut out of a batch because another writer had moved its stream on. */
  conflicts: {
    kind: 'counter',
    name: 'troupe_conflicts_total',
    help: 'Times an actor was cut out of a batch because its stream had moved on',
  },
  /** Appends, by result: attempts, not batches. */
  appends: {
    kind: 'counter',
    name: 'troupe_appends_total',
    help: 'Attempts to append a batch, by result',
    label: 'result',
    values: APPEND_RESULTS,
  },
  /** Seconds of one append, whatever its result. */
  appendDuration: {
    kind: 'histogram',
    name: 'troupe_append_duration_seconds',
    help: 'Time of one append',
    scale: MICROSECONDS,
  },
  /** Events of one stored batch; the sum is the number of events appended. */
  appendEvents: {
    kind: 'histogram',
    name: 'troupe_append_events',
    help: 'Events of one stored batch',
    scale: 1,
  },
  /** Bytes of data and metadata of one stored batch, as characters of their JSON text. */
  appendBytes: {
    kind: 'histogram',
    name: 'troupe_append_bytes',
    help: 'Size of data and metadata of one stored batch',
    scale: 1,
  },
  /** Batches for the processor of the runtime, where it has one: pushed, and dropped because it did not keep up. */
  pushes: {
    kind: 'counter',
    name: 'troupe_pushes_total',
    help: 'Stored batches pushed to the processor, or dropped because it did not keep up',
    label: 'result',
    values: ['pushed', 'dropped'],
  },
  /** Cold actors that were loaded. */
  activations: {
    kind: 'counter',
    name: 'troupe_activations_total',
    help: 'Cold actors that were loaded',
  },
  /** Actors that read what they missed in the log, after they were cut out of a batch. */
  catchUps: {
    kind: 'counter',
    name: 'troupe_catch_ups_total',
    help: 'Actors that read what they missed in the log',
  },
  /** Seconds from the first command for a cold actor, or from its catching up, until it can decide. */
  recoveryDuration: {
    kind: 'histogram',
    name: 'troupe_recovery_duration_seconds',
    help: 'Time to load an actor or to bring it up to date',
    scale: MICROSECONDS,
  },
  /** Events that one recovery replayed. */
  recoveryEvents: {
    kind: 'histogram',
    name: 'troupe_recovery_events',
    help: 'Events that one recovery replayed',
    scale: 1,
  },
  /** Idle actors that left memory. */
  passivations: {
    kind: 'counter',
    name: 'troupe_passivations_total',
    help: 'Idle actors that left memory',
  },
  /** Actors in memory, with and without work. */
  actors: {
    kind: 'gauge',
    name: 'troupe_actors',
    help: 'Actors in memory',
    merge: 'sum',
  },
  /** Commands that wait in mailboxes. */
  mailboxCommands: {
    kind: 'gauge',
    name: 'troupe_mailbox_commands',
    help: 'Commands that wait in mailboxes',
    merge: 'sum',
  },
  /** Commands in the fullest mailbox. */
  mailboxCommandsMax: {
    kind: 'gauge',
    name: 'troupe_mailbox_commands_max',
    help: 'Commands in the fullest mailbox',
    merge: 'max',
  },
  /** Snapshots, by result. */
  snapshots: {
    kind: 'counter',
    name: 'troupe_snapshots_total',
    help: 'Snapshots, by result',
    label: 'result',
    values: ['written', 'failed'],
  },
  /** Seconds of one write of snapshots, up to 50 at a time. */
  snapshotDuration: {
    kind: 'histogram',
    name: 'troupe_snapshot_write_duration_seconds',
    help: 'Time of one write of snapshots',
    scale: MICROSECONDS,
  },
  /** Used heap of the shard's thread; with `shards: 0` that of the process. */
  heapUsed: {
    kind: 'gauge',
    name: 'troupe_heap_used_bytes',
    help: 'Used heap of the thread',
    merge: 'sum',
  },
  /** Seconds by which the shard's timer of 250 ms was late. */
  eventLoopDelay: {
    kind: 'histogram',
    name: 'troupe_event_loop_delay_seconds',
    help: 'Time by which a timer of 250 ms was late in the thread',
    scale: MICROSECONDS,
  },
  /** Times the shard's thread ended and was replaced. */
  restarts: {
    kind: 'counter',
    name: 'troupe_shard_restarts_total',
    help: 'Times the thread of a shard ended and was replaced',
  },
  /** Records for channels and logger that were dropped because the host did not keep up. */
  dropped: {
    kind: 'counter',
    name: 'troupe_telemetry_dropped_total',
    help: 'Records of channels and logs that were dropped because the host did not keep up',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

type Reading<Definition> = Definition extends { readonly kind: 'histogram' }
  ? HistogramReading
  : Definition extends { readonly values: readonly (infer Value extends string)[] }
    ? Readonly<Record<Value, number>>
    : number;

/** What metrics read as, by their definitions. Times are in seconds, sizes in bytes. */
export type Readings<Definitions extends Readonly<Record<string, MetricDefinition>>> = {
  readonly [Name in keyof Definitions]: Reading<Definitions[Name]>;
};

/** Figures of one shard, or of all together. Times are in seconds, sizes in bytes. */
export type Metrics = Readings<typeof METRICS>;
