import type { AnyStateMachine, MachineContext, NonReducibleUnknown, StateMachine } from 'xstate';
import { BUILT_IN, type BuiltIn } from '../aggregate/domain.js';
import { invalid } from '../aggregate/expectations.js';
import { checkNameAndVersion } from '../dispatcher/consumer-name.js';
import {
  type EventOn,
  type GivenOn,
  type Listening,
  resolveSources,
  type Source,
} from '../dispatcher/listening.js';
import { CONSUMER, type Consumer } from '../dispatcher/subscription.js';
import { oneOf } from '../internal/nearest.js';
import type { ProjectionContext } from '../projection/projection-context.js';
import { checkMachine } from './check-machine.js';
import { targetsOf } from './machine-states.js';
import { type OldSnapshot, SAGA, type Saga, type SagaTime } from './saga.js';
import { sagaAggregate } from './saga-aggregate.js';
import { type SagaContext, sagaConsumers } from './saga-consumers.js';
import type { MachineSnapshot } from './saga-state.js';
import { sagaView } from './saga-view.js';

/** Any event of a machine. */
interface Typed {
  readonly type: string;
}

/** The events of a machine, told apart by `type`. Rebuilt, so that a literal is inferred as one of them. */
export type EventsOf<Event extends Typed> = {
  readonly [Type in Event['type']]: Extract<Event, { readonly type: Type }>;
}[Event['type']];

/** A machine of which these types are known. */
export type MachineOf<
  Context extends MachineContext,
  Event extends Typed,
  Input,
  Output extends NonReducibleUnknown,
> = StateMachine<
  Context,
  Event,
  // biome-ignore-start lint/suspicious/noExplicitAny: nothing else of a machine is asked for
  any,
  any,
  any,
  any,
  any,
  any,
  any,
  Input,
  Output,
  any,
  any,
  any,
  any
  // biome-ignore-end lint/suspicious/noExplicitAny: nothing else of a machine is asked for
>;

type NameOf<Heard> = Heard extends {
  readonly aggregate: infer Aggregate extends string;
  readonly type: infer Type extends string;
}
  ? `${Aggregate}.${Type}`
  : never;

type Named<Heard, Name> = Heard extends unknown
  ? NameOf<Heard> extends Name
    ? Heard
    : never
  : never;

/** A machine on which instances still run. */
export interface PreviousMachine {
  /** Version of the saga when it had this machine. */
  readonly version: number;
  readonly machine: AnyStateMachine;
}

/** The object literal that `defineSaga` takes. */
export interface SagaOptions<
  Sources extends readonly Source[],
  Context extends MachineContext,
  Event extends Typed,
  Input,
  Output extends NonReducibleUnknown,
> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. Its streams are `$saga/<name>`. */
  readonly name: string;
  /** Raise it whenever the machine changes: running instances keep to theirs, see `previous` and `migrate`. */
  readonly version: number;
  /** Made with `setup(...).createMachine(...)` of xstate 5. */
  readonly machine: MachineOf<Context, Event, Input, Output>;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Id of the instance that an event concerns; none (null or undefined) if it is not for this saga. Pure. */
  readonly correlate: (event: EventOn<Sources>) => string | null | undefined;
  /**
   * What the machine of a running instance gets of an event; null or undefined for nothing. Pure, plain
   * JSON. Default: nothing.
   */
  readonly toMachine?: (event: EventOn<Sources>) => EventsOf<Event> | null | undefined;
  /**
   * The events that may start an instance, as `<aggregate>.<event>`, each with a pure function that makes
   * the machine's `input` of it: plain JSON, or undefined. The event that starts an instance is not sent
   * to its machine as well. Other events are passed over until there is an instance.
   */
  readonly starts: {
    readonly [Name in NameOf<EventOn<Sources>>]?: (event: Named<EventOn<Sources>, Name>) => Input;
  };
  /**
   * What moves the time of an instance. `wall` (default): the clock. `event`: `occurredAt` of its events and
   * `runtime.advanceTo`, so that a replay of old events gives the same on every run.
   */
  readonly time?: SagaTime;
  /** What the machine gets when an instance is cancelled, to compensate and end. Default: it just ends. */
  readonly cancel?: EventsOf<Event>;
  /** Machines of older versions: instances that began with one go on with it. Default: none. */
  readonly previous?: readonly PreviousMachine[];
  /**
   * Moves an instance whose machine is not registered any more to today's: in which states and with which
   * context it goes on. Delays and promises of these states begin anew unless both machines have them.
   */
  readonly migrate?: (old: OldSnapshot) => Pick<MachineSnapshot, 'value' | 'context'>;
}

/**
 * Defines a saga: a state machine, made durable, that hears domain events and sends commands. Everything is
 * inferred. Throws `SagaRefused` for a machine that does what cannot be made durable, and a `SetupError`
 * that names the field, what is expected and what is given.
 *
 * @example
 * export const transfers = defineSaga({
 *   name: 'transfers',
 *   version: 1,
 *   machine: transferMachine,
 *   on: [only(transfer, 'requested', 'stopped')],
 *   correlate: (event) => event.id,
 *   starts: { 'transfer.requested': (event) => event.data },
 *   toMachine: (event) => (event.type === 'stopped' ? { type: 'stop' } : undefined),
 * });
 */
export function defineSaga<
  const Sources extends readonly Source[],
  Context extends MachineContext,
  Event extends Typed,
  Input,
  Output extends NonReducibleUnknown,
>(
  options: SagaOptions<Sources, Context, Event, Input, Output>,
): Saga<{
  event: EventsOf<Event>;
  context: Context;
  output: Output;
  given: GivenOn<Sources>;
}> {
  const { name, version, on, correlate, toMachine = () => undefined } = options;
  checkNameAndVersion('saga', name, version);
  if (name.length > MAX_NAME)
    throw invalid('a saga', 'name', `at most ${MAX_NAME} characters`, `${name.length}: ${name}`);
  const where = `saga ${name}`;
  for (const [field, value] of Object.entries({ correlate, toMachine }))
    if (typeof value !== 'function') throw invalid(where, field, 'a function', typeof value);
  const { time = 'wall' } = options;
  if (time !== 'wall' && time !== 'event')
    throw invalid(where, 'time', "'wall' or 'event'", String(time));
  const listening = resolveSources(where, on);
  const starts = (options.starts ?? {}) as Saga['starts'];
  checkStarts(where, starts, listening);
  const saga: Saga & { [SAGA]: true } = {
    kind: 'saga',
    ...{ name, version, time, listening, starts },
    storedAs: `$saga/${name}`,
    correlate: correlate as Saga['correlate'],
    toMachine: toMachine as Saga['toMachine'],
    machines: machinesOf(where, options as unknown as AnyOptions),
    migrate: options.migrate,
    cancel: options.cancel as Saga['cancel'],
    [SAGA]: true,
  };
  return Object.assign(saga, builtInParts(saga));
}

/** The list of instances is a moment behind in any case; so the steps of most of a short life are one write. */
const VIEW_REST_MS = 100;
/** The view that lists its instances is named `saga-<name>`, and views have 40 at most. */
const MAX_NAME = 35;

/** Its instances are actors of an aggregate of its own, and listed by a view. */
function builtInParts(saga: Saga) {
  const streams = sagaAggregate(saga);
  const view = sagaView(saga, streams);
  const sendsTo = [...saga.machines.values()].flatMap(targetsOf);
  const builtIn: BuiltIn = { aggregates: [streams], readers: [view], sendsTo };
  return {
    [BUILT_IN]: builtIn,
    [CONSUMER]: (context: SagaContext & ProjectionContext): readonly Consumer[] => [
      ...sagaConsumers(saga, context.ask),
      ...[view[CONSUMER](context)].flat().map((one) => ({ ...one, restMs: VIEW_REST_MS })),
    ],
  };
}

type AnyOptions = PreviousMachine & { readonly previous?: readonly PreviousMachine[] };

function machinesOf(where: string, options: AnyOptions): ReadonlyMap<number, AnyStateMachine> {
  const machines = new Map([[options.version, durable(where, 'machine', options.machine)]]);
  for (const [i, { version, machine }] of (options.previous ?? []).entries()) {
    const field = `previous[${i}]`;
    if (!Number.isInteger(version) || version < 1 || version >= options.version)
      throw invalid(
        where,
        `${field}.version`,
        `a whole number below ${options.version}`,
        String(version),
      );
    if (machines.has(version))
      throw invalid(where, `${field}.version`, 'each version once', String(version));
    machines.set(version, durable(where, `${field}.machine`, machine));
  }
  return machines;
}

/** An endless loop of the machine becomes an error of that step. */
const MAX_MICROSTEPS = 10_000;

/** A copy that is checked, and ours to bound. */
function durable(where: string, field: string, machine: AnyStateMachine): AnyStateMachine {
  if (typeof machine?.getTransitionData !== 'function')
    throw invalid(
      where,
      field,
      "a machine made by xstate's setup(...).createMachine(...)",
      typeof machine,
    );
  checkMachine(machine);
  const copy = machine.provide({});
  const { maxIterations = MAX_MICROSTEPS } = copy.options;
  copy.options = { ...copy.options, maxIterations: Math.min(maxIterations, MAX_MICROSTEPS) };
  return copy;
}

function checkStarts(
  where: string,
  starts: Saga['starts'],
  listening: ReadonlyMap<string, Listening>,
): void {
  const names = [...listening.values()].flatMap(({ definition, events }) =>
    [...(events ?? definition.codecs.keys())].map((type) => `${definition.name}.${type}`),
  );
  if (Object.keys(starts).length === 0)
    throw invalid(where, 'starts', 'the events that start an instance', 'none');
  for (const [name, makesInput] of Object.entries(starts)) {
    if (!names.includes(name)) throw invalid(where, `starts.${name}`, oneOf(names, name), name);
    if (typeof makesInput !== 'function')
      throw invalid(where, `starts.${name}`, 'a function', typeof makesInput);
  }
}
