import type { ResolvedCommand } from '../aggregate/command-spec.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { describeIssues, validate } from '../aggregate/validate.js';
import { oneOf } from '../internal/nearest.js';
import type { CommandMessage } from '../messages/command.js';
import { requestHash } from './request-hash.js';

/** What a decision does to timers, by key: the JSON text of an `armed` event, or `undefined` to cancel. */
export type TimerChanges = Map<string, string | undefined>;

/** A command in a mailbox. */
export interface QueuedCommand {
  readonly message: CommandMessage;
  /** Declaration of its type; undefined for the state query. */
  readonly spec: ResolvedCommand | undefined;
  /** Validated data; parsed anew for each attempt after the first, since a decider may have changed it. */
  data: unknown;
  /** When it came to its shard, in milliseconds on the clock of the shard's telemetry. */
  readonly receivedAt: number;
  /** Times it was decided. */
  attempts: number;
  /** Times it was the first to be cut out of a batch because its stream had moved on. */
  conflicts: number;
  /** Its key was looked up and no outcome was found. */
  keyIsNew: boolean;
  /** It may be stored already: it can be refused only after its actor has caught up with the log. */
  isInDoubt: boolean;
  /** Hash of its body, for a keyed one. */
  readonly hash: string;
  /** The same command sent again while this one was under way: answered with it. */
  followers: CommandMessage[] | undefined;
  /** What its last decision does to timers. */
  timers: TimerChanges | undefined;
}

/** The message for a command that is not declared. */
export function unknownCommand({ name, commands }: Aggregate, type: string): string {
  return `${name} has no command ${type}: expected ${oneOf(Object.keys(commands), type)}`;
}

/** A command that was just received. */
export function queuedCommand(
  message: CommandMessage,
  spec: ResolvedCommand | undefined,
  { data, hash }: { readonly data: unknown; readonly hash: string },
  receivedAt: number,
): QueuedCommand {
  return {
    message,
    spec,
    data,
    receivedAt,
    attempts: 0,
    conflicts: 0,
    keyIsNew: false,
    isInDoubt: false,
    hash,
    followers: undefined,
    timers: undefined,
  };
}

/** The validated data of a command, or why it is invalid. */
export type ParsedCommand =
  | { readonly ok: true; readonly data: unknown; readonly hash: string }
  | { readonly ok: false; readonly message: string; readonly details: object };

/** Parses and validates the data of a command. */
export function parseCommand(message: CommandMessage, spec: ResolvedCommand): ParsedCommand {
  const raw: unknown = JSON.parse(message.data);
  // Hashed as it was sent, before a schema can change it.
  const hash = message.key === '' ? '' : requestHash(message.type, raw, message.data);
  const result = validate(spec.schema, raw);
  if (result.ok) return { ok: true, data: result.value, hash };
  const where = `${message.aggregate}.${message.type}`;
  return {
    ok: false,
    message: `Invalid command ${where}: ${describeIssues(result.issues)}`,
    details: { issues: result.issues },
  };
}
