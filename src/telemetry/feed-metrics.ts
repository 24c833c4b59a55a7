import type { MetricDefinition, Readings } from './metrics.js';

const MICROSECONDS = 1e-6;

/** What became of the inputs of sagas; see `Stepped`. */
export const BECAME = ['moved', 'ignored', 'late', 'parked', 'held', 'dropped'] as const;
/** What became of commands of sagas. */
export const FATES = ['accepted', 'rejected', 'failed'] as const;
export const EFFECT_RESULTS = ['succeeded', 'failed'] as const;
export const TIMER_RESULTS = ['fired', 'retried', 'failed'] as const;

/** All metrics of a subscription, in the process that runs it. They count from the start of the runtime, across restarts of the processor's thread. */
export const FEED_METRICS = {
  /** Stored events that were handled, parked ones not among them. */
  events: {
    kind: 'counter',
    name: 'troupe_subscription_events_total',
    help: 'Stored events that were handled',
  },
  /** Seconds of one attempt at a batch, whatever became of it. */
  batchDuration: {
    kind: 'histogram',
    name: 'troupe_subscription_batch_duration_seconds',
    help: 'Time of one attempt at a batch',
    scale: MICROSECONDS,
  },
  /** Stored events of one batch that was handled. */
  batchEvents: {
    kind: 'histogram',
    name: 'troupe_subscription_batch_events',
    help: 'Stored events of one batch',
    scale: 1,
  },
  /** Seconds from when the last event of a batch was stored, by the clock of the database, until it was handled. */
  delay: {
    kind: 'histogram',
    name: 'troupe_subscription_delay_seconds',
    help: 'Time from the storing of the last event of a batch until it was handled',
    scale: MICROSECONDS,
  },
  /** Attempts at a batch that failed and come again, at once, later or in smaller parts. */
  retries: {
    kind: 'counter',
    name: 'troupe_subscription_retries_total',
    help: 'Attempts at a batch that failed and come again',
  },
  /** Events whose stream was parked. */
  parkedEvents: {
    kind: 'counter',
    name: 'troupe_subscription_parked_total',
    help: 'Events that failed too often, and whose stream was parked',
  },
  /** Everything up to here is handled or parked. */
  position: {
    kind: 'gauge',
    name: 'troupe_subscription_position',
    help: 'Position in the log up to which all is handled or parked',
    merge: 'max',
  },
  /** Positions from there to the end of the log, as far as this process knows it. */
  lag: {
    kind: 'gauge',
    name: 'troupe_subscription_lag_positions',
    help: 'Positions of the log that are not handled yet',
    merge: 'max',
  },
  /** Streams that wait for an operator. */
  parkedStreams: {
    kind: 'gauge',
    name: 'troupe_subscription_parked_streams',
    help: 'Streams that wait for an operator',
    merge: 'max',
  },
  /** Events that a rebuild under way has folded; 0 when none is. */
  rebuildEvents: {
    kind: 'gauge',
    name: 'troupe_subscription_rebuild_events',
    help: 'Events that the rebuild under way has folded',
    merge: 'max',
  },
  /** How far a rebuild under way has come, from 0 to 1; 0 when none is. */
  rebuilt: {
    kind: 'gauge',
    name: 'troupe_subscription_rebuild_ratio',
    help: 'How far the rebuild under way has come',
    merge: 'max',
  },
  /** Records for channels that were dropped because the host did not keep up. */
  dropped: {
    kind: 'counter',
    name: 'troupe_subscription_telemetry_dropped_total',
    help: 'Records of channels that were dropped because the host did not keep up',
  },
  /** Steps of a saga that are stored and whose commands are sent, by what became of their input. Only of `$saga/NAME/commands`. */
  sagaSteps: {
    kind: 'counter',
    name: 'troupe_saga_steps_total',
    help: 'Steps of sagas, by what became of their input',
    label: 'became',
    values: BECAME,
  },
  /** Commands of a saga, by what became of them. Only of `$saga/NAME/commands`. */
  sagaCommands: {
    kind: 'counter',
    name: 'troupe_saga_commands_total',
    help: 'Commands that sagas sent, by what became of them',
    label: 'outcome',
    values: FATES,
  },
  /** Effects of a saga; `failed` after the last attempt. Only of `$saga/NAME/effects`. */
  sagaEffects: {
    kind: 'counter',
    name: 'troupe_saga_effects_total',
    help: 'Effects that sagas ran, by result',
    label: 'result',
    values: EFFECT_RESULTS,
  },
  /** Attempts to fire a timer. Only of indexes of timers. */
  timers: {
    kind: 'counter',
    name: 'troupe_timers_total',
    help: 'Attempts to fire a timer, by result',
    label: 'result',
    values: TIMER_RESULTS,
  },
  /** Seconds from when a timer was due until it was sent for the first time. Only of indexes of timers. */
  timerLateness: {
    kind: 'histogram',
    name: 'troupe_timer_lateness_seconds',
    help: 'Time from when a timer was due until it was sent',
    scale: MICROSECONDS,
  },
} as const satisfies Record<string, MetricDefinition>;

export type FeedMetricName = keyof typeof FEED_METRICS;

/** Figures of one subscription. Times are in seconds. */
export type FeedMetrics = Readings<typeof FEED_METRICS>;
