import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CommandRejected } from '../messages/errors.js';
import { checkDefinition } from './check-definition.js';
import { type ResolvedCommand, resolveCommand } from './command-spec.js';
import type {
  CommandInput,
  CommandSpecs,
  Deciders,
  ErrorSpecs,
  EventSchemas,
  Evolvers,
} from './decider.js';
import {
  type BuiltInError,
  type ErrorPrefix,
  type ErrorSpec,
  isRejectionOf,
} from './domain-errors.js';
import { type EventCodecs, resolveEvents } from './event-codec.js';
import type { EventSchemasOf, EventSpecs, Split } from './event-spec.js';
import {
  resolveSnapshotPolicy,
  type SnapshotOptions,
  type SnapshotPolicy,
} from './snapshot-policy.js';
import { timerStream } from './timer-stream.js';

/** Marks what a `define*` function made, whichever copy of the package made it. */
export const AGGREGATE = Symbol.for('troupe.aggregate');

/** State as declared: by a schema if there is one, else by the initial value. */
export type StateOf<StateSchema, Initial> = StateSchema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<StateSchema>
  : Initial;

/** The object literal that `defineAggregate` takes. */
export interface AggregateOptions<
  Name extends string,
  Commands extends CommandSpecs,
  Events extends EventSpecs,
  Errors extends ErrorSpecs,
  StateSchema extends StandardSchemaV1 | undefined,
  Initial,
  Services,
  Evolve = Evolvers<StateOf<StateSchema, Initial>, EventSchemasOf<Events>>,
  Timers extends boolean = false,
> {
  /** Name of the aggregate, part of each event's id. At most 100 bytes, no control characters, no leading `$`. */
  readonly name: Name;
  /**
   * Name under which its streams stand in the log, for an aggregate that was renamed in code: its first
   * name, for ever. So processes that know it by either name work on the same streams. Default: `name`.
   */
  readonly storedAs?: string;
  /** Becomes the source of its CloudEvents: a URI reference. Default: `/` and the stored name. */
  readonly namespace?: string;
  /** Common start of its error codes and numbers. */
  readonly prefix?: ErrorPrefix;
  /** A Standard Schema per command, in `create(...)` or `upsert(...)` where it may run on a new stream. */
  readonly commands: Commands;
  /**
   * A Standard Schema per event: checked once, when the event is stored; reading does not run it. In
   * `event(...)` where the event has older versions or names, or is stored in another shape.
   */
  readonly events: Events;
  /** Events that only the log still holds, by their stored type: `drop`, or `split(...)` into today's. */
  readonly retired?: Readonly<Record<string, Split>>;
  /** Domain errors that `context.reject` may name. Default: none. */
  readonly errors?: Errors;
  /** Types the state; not run. Without it the type is that of `initialState`, so a union needs an annotation. */
  readonly state?: StateSchema;
  /** State before the first event: plain JSON, cloned for each actor. A value, not a function. */
  readonly initialState: StateOf<StateSchema, Initial>;
  /** Raise it when `evolve` changes its result: older snapshots are then ignored. Default 1. */
  readonly stateVersion?: number;
  /** When snapshots are taken. Default: every 100 events, at passivation from 20. */
  readonly snapshot?: SnapshotOptions;
  /** Makes the services that deciders get as `context.services`; run once per thread. */
  readonly services?: () => Services | Promise<Services>;
  /**
   * True gives deciders `context.schedule` and `context.unschedule`. The timers of an instance are kept in
   * a stream of their own, which is loaded with it; aggregates without timers pay nothing. Default false.
   */
  readonly timers?: Timers;
  /**
   * Makes stand-ins for the services, without effect, for dry runs of commands (`runtime.inspect.dryRun`).
   * Without them a dry run of a decider that uses services is refused. Run once per thread that needs them.
   */
  readonly dryRunServices?: () => NoInfer<Services> | Promise<NoInfer<Services>>;
  readonly decide: Deciders<
    StateOf<StateSchema, Initial>,
    Commands,
    EventSchemasOf<Events>,
    Errors,
    Services,
    Timers
  >;
  /** One per event, see `Evolvers`. */
  readonly evolve: Evolve & { readonly [Extra in Exclude<keyof Evolve, keyof Events>]: never };
}

/**
 * An aggregate as the runtime knows it. Made by `defineAggregate`; its types are read by inference. Each
 * definition is an `Aggregate`, which says nothing of its types.
 */
// biome-ignore lint/suspicious/noExplicitAny: by AggregateTypes no definition could be one, for its commands are no longer any string
export interface Aggregate<Types extends AggregateTypes = any> extends EventCodecs {
  readonly name: string;
  /** Name of its streams in the log, and of its actors. */
  readonly storedAs: string;
  readonly namespace: string | undefined;
  readonly prefix: ErrorPrefix | undefined;
  readonly commands: Readonly<Record<string, ResolvedCommand>>;
  /** Schemas of today's events. */
  readonly events: EventSchemas;
  readonly errors: ErrorSpecs;
  /** The schema of `state`, if there is one: it describes, nothing runs it. */
  readonly stateSchema: StandardSchemaV1 | undefined;
  readonly initialState: unknown;
  readonly stateVersion: number;
  readonly snapshot: SnapshotPolicy;
  readonly services: (() => unknown) | undefined;
  /** How its timers are kept; undefined where it has none. */
  readonly timers: Aggregate | undefined;
  readonly dryRunServices?: (() => unknown) | undefined;
  readonly decide: Readonly<Record<string, unknown>>;
  readonly evolve: Readonly<Record<string, (state: never, data: never, event: never) => unknown>>;
  /** True if `error` is a rejection by this aggregate; narrows its `shortCode` and `details`. */
  isRejection(error: unknown): error is RejectionError<Types>;
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** The types that a definition carries. */
export interface AggregateTypes {
  readonly name: string;
  readonly commands: CommandSpecs;
  readonly events: EventSchemas;
  readonly errors: ErrorSpecs;
  readonly state: unknown;
}

/** Details of a declared error; of one of which nothing is known, any. */
export type DetailsOf<Spec> = ErrorSpec extends Spec
  ? object
  : Spec extends {
        readonly details: infer Details extends StandardSchemaV1;
      }
    ? StandardSchemaV1.InferInput<Details>
    : Readonly<Record<string, never>>;

/** Each rejection of an aggregate, told apart by `shortCode`. */
export type RejectionOf<Types extends AggregateTypes> =
  | {
      readonly [Code in keyof Types['errors'] & string]: {
        readonly shortCode: Code;
        readonly details: DetailsOf<Types['errors'][Code]>;
      };
    }[keyof Types['errors'] & string]
  | {
      readonly shortCode: BuiltInError;
      readonly details: { readonly aggregate: string; readonly id: string };
    };

/** The error thrown for a rejection of an aggregate. */
export type RejectionError<Types extends AggregateTypes> = Omit<
  CommandRejected,
  'shortCode' | 'details'
> &
  RejectionOf<Types>;

/** Each command that an aggregate takes, as a caller writes it. */
export type CommandOf<Types extends AggregateTypes> = {
  readonly [Type in keyof Types['commands'] & string]: {
    readonly type: Type;
    readonly data: CommandInput<Types['commands'][Type]>;
  };
}[keyof Types['commands'] & string];

/** The commands that may start a stream: those declared with `create` or `upsert`. */
export type CreateCommandOf<Types extends AggregateTypes> = {
  readonly [Type in keyof Types['commands'] & string]: Types['commands'][Type] extends {
    readonly kind: 'create' | 'upsert';
  }
    ? { readonly type: Type; readonly data: CommandInput<Types['commands'][Type]> }
    : never;
}[keyof Types['commands'] & string];

/** Each event of an aggregate, as it is read from the log. */
export type EventOf<Types extends AggregateTypes> = {
  readonly [Type in keyof Types['events'] & string]: {
    readonly type: Type;
    readonly data: StandardSchemaV1.InferOutput<Types['events'][Type]>;
  };
}[keyof Types['events'] & string];

/**
 * Defines an aggregate from one object literal; everything is inferred from its schemas and functions.
 * Throws a `SetupError` that names the field, what is expected and what is given.
 *
 * @example
 * export const account = defineAggregate({
 *   name: 'account',
 *   commands: { open: create(z.object({ owner: z.string() })), deposit: z.object({ amount: z.number() }) },
 *   events: { opened: z.object({ owner: z.string() }), deposited: z.object({ amount: z.number() }) },
 *   initialState: { balance: 0 },
 *   decide: {
 *     open: (_state, data, context) => [context.event.opened(data)],
 *     deposit: (_state, data, context) => [context.event.deposited(data)],
 *   },
 *   evolve: { opened() {}, deposited(state, data) { state.balance += data.amount; } },
 * });
 */
export function defineAggregate<
  const Name extends string,
  Commands extends CommandSpecs,
  Events extends EventSpecs,
  // biome-ignore lint/complexity/noBannedTypes: no declared errors
  const Errors extends ErrorSpecs = {},
  StateSchema extends StandardSchemaV1 | undefined = undefined,
  Initial = unknown,
  Services = undefined,
  // A parameter of its own: else the compiler takes a returned `mode: 'on'` for a string, since it has
  // not made up its mind about the state yet.
  Evolve extends Evolvers<StateOf<StateSchema, Initial>, EventSchemasOf<Events>> = Evolvers<
    StateOf<StateSchema, Initial>,
    EventSchemasOf<Events>
  >,
  const Timers extends boolean = false,
>(
  options: AggregateOptions<
    Name,
    Commands,
    Events,
    Errors,
    StateSchema,
    Initial,
    Services,
    Evolve,
    Timers
  >,
): Aggregate<{
  name: Name;
  commands: Commands;
  events: EventSchemasOf<Events>;
  errors: Errors;
  state: StateOf<StateSchema, Initial>;
}> {
  checkDefinition(options);
  // The type parameters live only in `types`, which is never set.
  return resolveDefinition(options as unknown as AnyOptions) as never;
}

/** The options of any aggregate, without its types. */
type AnyOptions = AggregateOptions<
  string,
  CommandSpecs,
  EventSpecs,
  ErrorSpecs,
  undefined,
  unknown,
  unknown,
  unknown,
  boolean
>;

function resolveDefinition(options: AnyOptions) {
  const commands = Object.fromEntries(
    Object.entries(options.commands).map(([type, spec]) => [type, resolveCommand(spec)]),
  );
  const { name, prefix, storedAs = name, errors = {} } = options;
  const source = { name, storedAs, prefix, errors };
  const { codecs, former } = resolveEvents(options.events, options.retired ?? {});
  const definition = {
    ...source,
    namespace: options.namespace,
    commands,
    codecs,
    former,
    events: Object.fromEntries([...codecs].map(([type, { schema }]) => [type, schema])),
    stateSchema: options.state,
    initialState: options.initialState,
    stateVersion: options.stateVersion ?? 1,
    snapshot: resolveSnapshotPolicy(options.snapshot),
    services: options.services,
    timers: options.timers === true ? timerStream(storedAs) : undefined,
    dryRunServices: options.dryRunServices,
    decide: options.decide as Readonly<Record<string, unknown>>,
    evolve: options.evolve as Aggregate['evolve'],
    isRejection: (error: unknown) => isRejectionOf(source, error),
    [AGGREGATE]: true,
  };
  return definition;
}

/** True for what `defineAggregate` made. */
export function isAggregate(value: unknown): value is Aggregate {
  return typeof value === 'object' && value !== null && AGGREGATE in value;
}
