import type { Decider, DurableDecider, NewEvent } from '../aggregate/decider.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { builtInRejection, RejectSignal } from '../aggregate/domain-errors.js';
import { domainShape, storedShape } from '../aggregate/event-codec.js';
import { snapshotIsDue } from '../aggregate/snapshot-policy.js';
import { describeIssues, validate } from '../aggregate/validate.js';
import { type JsonLimits, toJson } from '../internal/json.js';
import { STATE_QUERY } from '../messages/command.js';
import type { RefusalCode, Rejection } from '../messages/errors.js';
import type { EventRow } from '../messages/event.js';
import { type PlainError, toPlainError } from '../messages/plain-error.js';
import type { Actor } from './actor.js';
import { isDisarmed } from './armed.js';
import type { Blame } from './blame.js';
import { Context } from './decide-context.js';
import { EventInfo, evolve } from './fold.js';
import { parseCommand, type QueuedCommand } from './queued-command.js';
import { TimedContext } from './timed-context.js';

type AnyDecider = Decider<unknown, unknown, Context, readonly NewEvent[]>;
type AnyDurable = DurableDecider<unknown, unknown, Context, readonly NewEvent[]>;

/** What deciders need beside the actor and its command. */
export interface DecideSetup {
  readonly limits: JsonLimits;
  readonly freezeState: boolean;
  readonly blame: Blame;
  services(definition: Aggregate): unknown;
  /** The actor's state cannot be a snapshot. */
  snapshotFailed(actor: Actor, cause: unknown): void;
}

/** What became of one run of a decider, before it is durable. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly rows: readonly EventRow[];
      readonly snapshot: string | undefined;
      readonly state: string | undefined;
    }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      readonly details: object;
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly details: object;
      readonly cause: PlainError;
    }
  | { readonly kind: 'state'; readonly state: string | undefined };

/** Whether the append of its events proves the version that it was decided on. */
export function hasEvents(verdict: Verdict): boolean {
  return verdict.kind === 'accepted' && verdict.rows.length > 0;
}

/** The async decider of a command, if that is how it is declared. */
export function isDurable(actor: Actor, command: QueuedCommand): boolean {
  return (
    command.spec !== undefined &&
    typeof actor.definition.decide[command.message.type] !== 'function'
  );
}

/** Decides a command on the actor's state and evolves the state by the events. Never throws. */
export function decide(actor: Actor, command: QueuedCommand, setup: DecideSetup): Verdict {
  command.attempts += 1;
  const early = decideWithoutDomain(actor, command, setup);
  if (early) return early;
  try {
    return accept(actor, command, runDecider(actor, command, setup), setup);
  } catch (thrown) {
    return toVerdict(actor, command, thrown);
  } finally {
    setup.blame.leave();
  }
}

/** As `decide`, for a durable decider; its events are evolved by `accept` once the promise settles. */
export async function decideDurably(
  actor: Actor,
  command: QueuedCommand,
  setup: DecideSetup,
): Promise<readonly NewEvent[]> {
  const decider = actor.definition.decide[command.message.type] as AnyDurable;
  let deciding: Promise<readonly NewEvent[]>;
  setup.blame.enter('decide', command.message.ref);
  try {
    const data = freshData(command);
    deciding = decider.durable(stateFor(actor, setup), data, contextOf(actor, command, setup));
  } finally {
    setup.blame.leave();
  }
  // What follows its first await runs among other deciders: the slot would name the wrong one.
  return await deciding;
}

const NOTHING: Verdict = { kind: 'accepted', rows: [], snapshot: undefined, state: undefined };

/** What needs no domain code: queries, expected versions, commands on the wrong kind of stream, late timers. */
export function decideWithoutDomain(
  actor: Actor,
  command: QueuedCommand,
  setup: DecideSetup,
): Verdict | undefined {
  const { message, spec } = command;
  command.timers = undefined; // of an attempt before
  if (isDisarmed(actor, command)) return NOTHING;
  if (message.type === STATE_QUERY) return query(actor, setup);
  const conflict = versionConflict(actor, command);
  if (conflict) return conflict;
  if (actor.version === 0 && spec?.kind === 'existing') {
    return {
      kind: 'rejected',
      rejection: builtInRejection(actor.definition, 'NotFound', actor.id),
    };
  }
  if (actor.version > 0 && spec?.kind === 'create') {
    return {
      kind: 'rejected',
      rejection: builtInRejection(actor.definition, 'AlreadyExists', actor.id),
    };
  }
  return undefined;
}

function query(actor: Actor, setup: DecideSetup): Verdict {
  if (actor.version === 0) return { kind: 'state', state: undefined };
  try {
    return { kind: 'state', state: encodeState(actor, setup) };
  } catch (error) {
    return {
      kind: 'failed',
      message: `The state of ${actor.aggregate}/${actor.id} cannot be sent`,
      details: {},
      cause: toPlainError(error),
    };
  }
}

function versionConflict(actor: Actor, { message }: QueuedCommand): Verdict | undefined {
  const expected = message.expectedVersion;
  if (expected === undefined) return undefined;
  const actual = actor.version;
  if (expected === 'none' ? actual === 0 : expected === 'exists' ? actual > 0 : actual === expected)
    return undefined;
  return {
    kind: 'refused',
    code: 'VersionConflict',
    message: `${actor.aggregate}/${actor.id} is at version ${actual}, expected ${expected}`,
    details: { aggregate: actor.aggregate, id: actor.id, expected, actual },
  };
}

function runDecider(actor: Actor, command: QueuedCommand, setup: DecideSetup): readonly NewEvent[] {
  const decider = actor.definition.decide[command.message.type] as AnyDecider;
  setup.blame.enter('decide', command.message.ref);
  return decider(stateFor(actor, setup), freshData(command), contextOf(actor, command, setup));
}

function contextOf(actor: Actor, command: QueuedCommand, setup: DecideSetup): Context {
  const services = setup.services(actor.definition);
  return actor.companion
    ? new TimedContext(actor, command, services, setup.limits)
    : new Context(actor, command, services);
}

function stateFor(actor: Actor, setup: DecideSetup): unknown {
  return setup.freezeState ? deepFreeze(structuredClone(actor.state)) : actor.state;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

/** The data as validated; parsed again for a later attempt, since the decider may have changed it. */
function freshData(command: QueuedCommand): unknown {
  if (command.attempts > 1 && command.spec) {
    const parsed = parseCommand(command.message, command.spec);
    if (parsed.ok) command.data = parsed.data;
  }
  return command.data;
}

/**
 * Serialises the events first and evolves the state by what a replay would read. If this throws, the
 * state may be half evolved and must be rebuilt.
 */
export function accept(
  actor: Actor,
  command: QueuedCommand,
  events: unknown,
  setup: DecideSetup,
): Verdict {
  if (!Array.isArray(events)) throw notEvents(command.message.type, events);
  const rows: EventRow[] = [];
  for (const event of events as readonly NewEvent[])
    rows.push(acceptEvent(actor, command, event, setup));
  const due =
    rows.length > 0 &&
    snapshotIsDue(actor.definition.snapshot, actor.version, actor.snapshotVersion);
  setup.blame.enter('encode', command.message.ref);
  const snapshot = due ? trySnapshot(actor, setup) : undefined;
  const state = command.message.wantsState ? (snapshot ?? encodeState(actor, setup)) : undefined;
  return { kind: 'accepted', rows, snapshot, state };
}

function notEvents(type: string, returned: unknown): TypeError {
  if (!(returned instanceof Promise))
    return new TypeError(`decide.${type} must return an array of events`);
  returned.catch(() => undefined); // unheard of, its rejection would end the process
  return new TypeError(
    `decide.${type} returned a promise: declare it as { durable: async (...) => ... }`,
  );
}

function acceptEvent(
  actor: Actor,
  command: QueuedCommand,
  event: NewEvent,
  setup: DecideSetup,
): EventRow {
  const { definition } = actor;
  const { message } = command;
  const codec = definition.codecs.get(event.type);
  if (!codec)
    throw new TypeError(
      `decide.${message.type} returned an undeclared event ${String(event.type)}`,
    );
  setup.blame.enter('event schema', message.ref);
  const parsed = validate(codec.schema, event.data);
  if (!parsed.ok)
    throw new TypeError(
      `Event ${event.type} does not fit its schema: ${describeIssues(parsed.issues)}`,
    );
  const data = toJson(storedShape(codec, parsed.value), setup.limits);
  const version = actor.version + 1;
  setup.blame.enter('evolve', message.ref);
  actor.state = evolve(
    definition,
    actor.state,
    { type: event.type, data: domainShape(codec, data) },
    new EventInfo(actor.id, version, message.occurredAt),
  );
  actor.version = version;
  return {
    slice: actor.slice,
    aggregate: actor.aggregate,
    id: actor.id,
    version,
    type: event.type,
    schemaVersion: codec.version,
    data,
    metadata: message.metadata,
    commandId: message.commandId,
    occurredAt: message.occurredAt,
  };
}

/** A state that cannot be a snapshot is a mistake of the domain, but never one that a command feels. */
function trySnapshot(actor: Actor, setup: DecideSetup): string | undefined {
  actor.snapshotVersion = actor.version;
  try {
    return encodeState(actor, setup);
  } catch (error) {
    setup.snapshotFailed(actor, error);
    return undefined;
  }
}

function encodeState(actor: Actor, setup: DecideSetup): string {
  const state = toJson(actor.state, { ...setup.limits, maxBytes: Number.POSITIVE_INFINITY });
  actor.bytes = state.length;
  return state;
}

/** What a throw from domain code means. */
export function toVerdict(actor: Actor, command: QueuedCommand, thrown: unknown): Verdict {
  if (thrown instanceof RejectSignal) return { kind: 'rejected', rejection: thrown.rejection };
  const cause = toPlainError(thrown);
  const { aggregate, id, type, commandId } = command.message;
  const message = `${aggregate}.${type} on ${actor.id} failed: ${cause.message}`;
  return { kind: 'failed', message, details: { aggregate, id, command: type, commandId }, cause };
}
