// Defining a domain
export {
  type CommandKind,
  type CommandOptions,
  type CommandSpec,
  type CreateCommand,
  create,
  type UpsertCommand,
  upsert,
} from './aggregate/command-spec.js';
// Timers
export type { NewTimer, TimedCommand, TimerContext } from './aggregate/decider.js';
export {
  type CommandSpecs,
  type DecideContext,
  type Decider,
  type Deciders,
  type DurableDecider,
  durable,
  type ErrorSpecs,
  type EventSchemas,
  type EvolveInfo,
  type Evolvers,
  type NewEvent,
} from './aggregate/decider.js';
export {
  type Aggregate,
  type AggregateOptions,
  type AggregateTypes,
  type CommandOf,
  type CreateCommandOf,
  defineAggregate,
  type EventOf,
  type RejectionError,
  type RejectionOf,
} from './aggregate/define-aggregate.js';
export type { Ids } from './aggregate/domain.js';
export type { BuiltInError, ErrorPrefix, ErrorSpec } from './aggregate/domain-errors.js';
export {
  drop,
  type EventDeclaration,
  type EventOptions,
  type EventPart,
  type EventSchemasOf,
  type EventSpec,
  type EventSpecs,
  event,
  type Split,
  split,
  type Upcast,
  type UpcastInfo,
} from './aggregate/event-spec.js';
export type { SnapshotOptions } from './aggregate/snapshot-policy.js';
// Calling it
export type {
  AggregateClient,
  StateAt,
  TrySendResult,
} from './client/aggregate-client.js';
export { type CloudEvent, toCloudEvent } from './client/cloud-event.js';
export type { ResolvedOutcome } from './client/find-outcome.js';
export type {
  CorrelatedEvent,
  CorrelationOptions,
  CorrelationPage,
  FoundCommand,
  IndexProgress,
  KeyOfCommand,
} from './client/indexed.js';
export type { LiveFilter, LiveOptions } from './client/live-filter.js';
export type { Receipt, ReceiptEvent } from './client/receipt.js';
export type { RecordedEvent } from './client/recorded-event.js';
export type { CreateOptions, SendOptions } from './client/send-options.js';

export { type WaitedFor, WaitFailed, type WaitForOptions } from './client/wait-for.js';
export {
  type EventNamed,
  type EventOn,
  only,
  type Restriction,
  type Selection,
  type Source,
} from './dispatcher/listening.js';

// Reading what was committed
export {
  CONSUMER,
  type Consumer,
  type ConsumerContext,
  type ConsumerSource,
  type FeedEvent,
  type Filter,
  type StartFrom,
  type Transaction,
} from './dispatcher/subscription.js';
export type { SubscriptionState } from './dispatcher/subscription-status.js';
export type { SubscriptionInfo, WaitOptions } from './dispatcher/subscriptions.js';
// Looking inside
export type { ActorsOptions, ActorsPage, ListedActor } from './inspection/actor-list-view.js';
export type { ActorInspection, StreamInspection, StreamLag } from './inspection/actor-view.js';
export type { DryRun } from './inspection/dry-run-result.js';
export type { InspectedEvent } from './inspection/inspected-event.js';
export type { Inspection } from './inspection/inspection.js';
export type { FoldedEvent, FoldedState } from './inspection/inspection-jobs.js';
export type { Change } from './inspection/json-diff.js';
export type { FollowOptions } from './inspection/live-log.js';
export type {
  DryRunOptions,
  EventsOptions,
  EventsPage,
  InspectedState,
  StateDiff,
} from './inspection/log-view.js';
export type { AuditOptions, AuditPage, VerbResult } from './inspection/operator-verbs.js';
export type { RunningCommand, ShardInspection } from './inspection/shard-view.js';
export type { Clock } from './internal/clock.js';
export type { ExpectedVersion, Metadata } from './messages/command.js';
// What can go wrong
export {
  CommandFailed,
  CommandRefused,
  CommandRejected,
  isRefusal,
  isTroupeError,
  OutcomeUnknown,
  type RefusalCode,
  type Rejection,
  SetupError,
  TroupeError,
  type UnknownCommand,
} from './messages/errors.js';
export type { StoredEvent } from './messages/event.js';
export { InlineProjectionFailed } from './messages/inline-errors.js';
export type { PlainError } from './messages/plain-error.js';
export type { OwnershipStatus } from './ownership/ownership.js';
export type { PostgresOptions } from './postgres/options.js';
// Reading it
export type {
  ColumnSpec,
  ColumnSpecs,
  ColumnTypesOf,
  ColumnValues,
  ComputedColumn,
  FittingColumns,
} from './projection/columns.js';
export { defineHandler, type HandlerOptions } from './projection/define-handler.js';
export {
  defineInlineProjection,
  type InlineProjectionOptions,
} from './projection/define-inline-projection.js';
export { defineProjection, type ProjectionOptions } from './projection/define-projection.js';
export {
  definePublication,
  type Publication,
  type PublicationOptions,
} from './projection/define-publication.js';
export { defineView, type Folding, type ViewOptions } from './projection/define-view.js';
export type { Handler, HandlerContext } from './projection/handler.js';
export type { HandlerClient } from './projection/handler-client.js';
export type { InlineProjection } from './projection/inline-projection.js';
export { ndjsonFile } from './projection/ndjson-publisher.js';
export type { RebuildOptions } from './projection/operate.js';
export type { Projection, ProjectionTransaction, ReaderTypes } from './projection/projection.js';
export type { ProjectionClient } from './projection/projection-client.js';
export { MemoryPublisher, type Publisher } from './projection/publisher.js';
export type { Keys, View, ViewTypes } from './projection/view.js';
export type { Found, Page, ViewClient } from './projection/view-client.js';
export type { Conditions, FindOptions, Where } from './projection/view-query.js';
// Running it
export type { Definitions, Runtime, RuntimeEvents, StopOptions } from './runtime.js';
export type { RuntimeOptions } from './runtime-options.js';
// Making a state machine durable
export { type Addressed, command, type SagaActionArgs } from './saga/command.js';
export {
  defineSaga,
  type EventsOf,
  type MachineOf,
  type PreviousMachine,
  type SagaOptions,
} from './saga/define-saga.js';
export { effect } from './saga/effect.js';
export type { CommandOutcome, EffectOutcome } from './saga/outcome-event.js';
export type { OldSnapshot, Saga, SagaTime, SagaTypes } from './saga/saga.js';
export type {
  ByHandOptions,
  SagaClient,
  SagaInstanceState,
  SagaItem,
  SagaQuery,
  SagaStep,
  SagaWaitOptions,
} from './saga/saga-client.js';
export { type RefusedAt, SagaRefused } from './saga/saga-refused.js';
export type { SagaStatus } from './saga/saga-state.js';
export type { Advanced, AdvanceOptions } from './saga/sagas.js';
export { type ServiceContext, service } from './saga/service.js';
export type {
  ActorReport,
  ActorSort,
  ActorState,
  ActorSummary,
  BatchReport,
  CommandAtWork,
  CommandNote,
  ErrorNote,
} from './shard/questions.js';
export { startRuntime } from './start-runtime.js';
export type { IndexOptions } from './store/indexes.js';
export type { InlineState, StoredInline } from './store/inline.js';
export { MemoryLog } from './store/memory-log.js';
export type { MemoryStoreOptions } from './store/memory-options.js';
export type {
  ActorVerb,
  AuditEntry,
  NewAuditEntry,
  Quarantine,
  SnapshotInfo,
  Verb,
} from './store/operations.js';
export type { Claimant, Owner } from './store/ownership.js';
export type { ReadOptions } from './store/read.js';
export type { Sql } from './store/sql.js';
export type { StreamName } from './store/store.js';
export type { ParkedEvent, Reason } from './store/subscriptions.js';
// Watching it
export type {
  AppendRecord,
  BatchRecord,
  CommandTrace,
  RecoveryRecord,
  RequestTrace,
  SagaStepRecord,
  SnapshotRecord,
  TimerRecord,
} from './telemetry/channels.js';
export { FEED_METRICS, type FeedMetricName, type FeedMetrics } from './telemetry/feed-metrics.js';
export type { HistogramBucket, HistogramReading } from './telemetry/histogram.js';
export type { SubscriptionMetrics } from './telemetry/host-feeds.js';
export type { Logger, LogLevel } from './telemetry/log.js';
export {
  METRICS,
  type MetricDefinition,
  type MetricName,
  type Metrics,
} from './telemetry/metrics.js';
export type { PlainNotice } from './threads/protocol.js';
export type { ShardCondition } from './threads/shard-condition.js';
export type { RuntimeMetrics, ShardMetrics } from './threads/shard-metrics.js';
export type { PendingTimer, TimersQuery } from './timers/pending-timers.js';
