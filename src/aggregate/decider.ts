import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Metadata } from '../messages/command.js';
import type { CommandSpec, SchemaOf } from './command-spec.js';
import type { ErrorSpec } from './domain-errors.js';

declare const constructed: unique symbol;

/** An event made by a constructor of the context: `context.event.deposited({ amount })`. */
export interface NewEvent<Type extends string = string> {
  readonly type: Type;
  readonly data: unknown;
  readonly [constructed]: true;
}

/** Commands, events and errors as declared: records of schemas and error declarations. */
export type CommandSpecs = Readonly<Record<string, CommandSpec>>;
export type EventSchemas = Readonly<Record<string, StandardSchemaV1>>;
export type ErrorSpecs = Readonly<Record<string, ErrorSpec>>;

/** What a command's schema makes of its data: what `decide` gets. */
export type CommandData<Spec> = StandardSchemaV1.InferOutput<SchemaOf<Spec>>;
/** What a caller passes as a command's data. */
export type CommandInput<Spec> = StandardSchemaV1.InferInput<SchemaOf<Spec>>;

/** One constructor per declared event. */
export type EventConstructors<Events extends EventSchemas> = {
  readonly [Type in keyof Events & string]: (
    data: StandardSchemaV1.InferInput<Events[Type]>,
  ) => NewEvent<Type>;
};

/** Arguments of `context.reject`: the details only where the error declares them. */
export type RejectArguments<Spec extends ErrorSpec> = Spec extends {
  readonly details: infer Details extends StandardSchemaV1;
}
  ? [details: StandardSchemaV1.InferInput<Details>]
  : [];

/** What `decide` knows beside the state and the command's data. */
export interface DecideContext<Events extends EventSchemas, Errors extends ErrorSpecs, Services> {
  /** Id of the aggregate instance. */
  readonly id: string;
  /** Version of the stream that `state` stands at; 0 = new. */
  readonly version: number;
  /** 1 for the first decision of this command, higher when it is decided again after a conflict. */
  readonly attempt: number;
  /** When the command happened: its `occurredAt`, the same on every attempt. */
  readonly now: Date;
  /** A new id (UUID) derived from the command id and a counter: the same on every attempt. */
  newId(): string;
  readonly commandId: string;
  readonly metadata: Metadata;
  /** What the aggregate's `services` factory returned, one per thread. Must be idempotent or read-only. */
  readonly services: Services;
  /** Constructors of the declared events. */
  readonly event: EventConstructors<Events>;
  /** Ends the decision with a declared domain error. Throws; write `return context.reject(...)`. */
  reject<Code extends keyof Errors & string>(
    code: Code,
    ...details: RejectArguments<Errors[Code]>
  ): never;
}

/** Decides a command: the events to store (none for a no-op), or a rejection. Pure. */
export type Decider<State, Data, Context, Result> = (
  state: State,
  data: Data,
  context: Context,
) => Result;

/** An async decider: `{ durable: async (state, data, context) => [...] }`, or `durable(...)`. */
export interface DurableDecider<State, Data, Context, Result> {
  readonly durable: Decider<State, Data, Context, Promise<Result>>;
}

/**
 * Declares an async decider. It runs only on a state that is already durable, so that a service it
 * calls never learns of an event that is not stored; meanwhile only its own actor waits. It may run
 * again for the same command: the services it calls must be idempotent or read-only.
 *
 * TypeScript resolves a call before it has inferred the object literal around it, so inside
 * `defineAggregate` write `pay: { durable: async (state, data, context) => ... }`, which is fully
 * inferred; this function is for deciders whose parameters are annotated.
 */
export function durable<State, Data, Context, Result>(
  decide: Decider<State, Data, Context, Promise<Result>>,
): DurableDecider<State, Data, Context, Result> {
  return { durable: decide };
}

/** A command of the same aggregate, as a caller writes it. */
export type TimedCommand<Commands extends CommandSpecs> = {
  readonly [Type in keyof Commands & string]: {
    readonly type: Type;
    readonly data: CommandInput<Commands[Type]>;
  };
}[keyof Commands & string];

/** A timer to be set. */
export interface NewTimer<Commands extends CommandSpecs> {
  /** Names it within this instance; one that is set again under the same key replaces the one before. 1 to 200 bytes. */
  readonly key: string;
  /** When it is due: a date or Unix milliseconds, from 1970 to the year 9999. One that has passed is due at once. */
  readonly at: Date | number;
  /** What is sent to this instance then. */
  readonly command: TimedCommand<Commands>;
}

/** What the context of an aggregate declared with `timers: true` has beside the rest. */
export interface TimerContext<Commands extends CommandSpecs> {
  /**
   * Sets a timer, stored with the decision even if it has no events; a rejection sets none. When it is
   * due its command is sent to this instance, once, whatever restarts in between. Throws a `TypeError`
   * for a key, a time or a command that does not fit, and the command that decides then fails.
   */
  schedule(timer: NewTimer<Commands>): void;
  /** Takes a timer back: it will not fire, even if its command is under way. Nothing happens if there is none. */
  unschedule(key: string): void;
}

/** The context of an aggregate's deciders: with timers where it declares them. */
export type ContextFor<
  Commands extends CommandSpecs,
  Events extends EventSchemas,
  Errors extends ErrorSpecs,
  Services,
  Timers,
> = [Timers] extends [true]
  ? DecideContext<Events, Errors, Services> & TimerContext<Commands>
  : DecideContext<Events, Errors, Services>;

/** One decider per command. */
export type Deciders<
  State,
  Commands extends CommandSpecs,
  Events extends EventSchemas,
  Errors extends ErrorSpecs,
  Services,
  Timers = false,
> = {
  readonly [Type in keyof Commands]:
    | Decider<
        State,
        CommandData<Commands[Type]>,
        ContextFor<Commands, Events, Errors, Services, Timers>,
        NewEvents<Events>
      >
    | DurableDecider<
        State,
        CommandData<Commands[Type]>,
        ContextFor<Commands, Events, Errors, Services, Timers>,
        NewEvents<Events>
      >;
};

export type NewEvents<Events extends EventSchemas> = readonly NewEvent<keyof Events & string>[];

/** What `evolve` may know beside state and data. */
export interface EvolveInfo {
  readonly id: string;
  /** Version of the stored event; several that it was split into share it. */
  readonly version: number;
  readonly occurredAt: Date;
}

/** One step of the fold per event: returns the next state, or changes the given one and returns nothing. */
export type Evolvers<State, Events extends EventSchemas> = {
  readonly [Type in keyof Events]: (
    state: State,
    data: StandardSchemaV1.InferOutput<Events[Type]>,
    event: EvolveInfo,
    // biome-ignore lint/suspicious/noConfusingVoidType: an evolver that mutates has no return statement
  ) => State | void;
};
