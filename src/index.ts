export { create, upsert, type CommandKind, type CommandOptions, type CommandSpec } from './aggregate/command-spec.js';
export { durable, type DecideContext, type DurableDecider, type EvolveInfo, type NewEvent } from './aggregate/decider.js';
export { defineAggregate, type Aggregate, type AggregateOptions, type AggregateTypes, type CommandOf, type CreateCommandOf, type EventOf, type RejectionOf } from './aggregate/define-aggregate.js';
