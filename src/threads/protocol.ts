import type { MessagePort } from 'node:worker_threads';
import type { Answer, AnswerEvent } from '../messages/answer.js';
import type { CommandMessage, ExpectedVersion } from '../messages/command.js';
import type { RefusalCode, Rejection } from '../messages/errors.js';
import type { ReadEvent } from '../messages/event.js';
import type { PlainError } from '../messages/plain-error.js';
import type { PositionRange } from '../messages/position-range.js';
import type { AskedShard, ToldByShard } from '../shard/questions.js';
import type { GivenUp } from '../shard/shard-output.js';
import type { LogHead } from '../store/store.js';
import type { Interest, TelemetryRecord } from '../telemetry/records.js';

/*
 * What travels between the host and a shard: one message per tick and direction. Commands and answers
 * are flat lists of strings and numbers, which structured clone copies several times faster than lists
 * of objects; payloads in them are JSON text, made once and never parsed on the way.
 */

/** Host to shard. */
export interface ToShard {
  /** Commands, `COMMAND_FIELDS` items each. */
  readonly commands?: readonly unknown[];
  readonly aborts?: readonly {
    readonly aggregate: string;
    readonly id: string;
    readonly ref: number;
  }[];
  readonly pages?: readonly PageQuery[];
  /** Streams that others have appended to: aggregate, id and version of each, one after the other. */
  readonly foreign?: readonly unknown[];
  /** Bytes of answers that the host has taken. */
  readonly taken?: number;
  /** Who listens in the host has changed. */
  readonly listen?: Interest;
  /** Records that the host has taken. */
  readonly heard?: number;
  /** What somebody wants to see, or an operator to happen. */
  readonly inspect?: readonly AskedShard[];
  /** A line to the processor, to push on what is committed. Transferred. */
  readonly line?: MessagePort;
  /** Drain for at most this long, then stop. Milliseconds. */
  readonly stop?: number;
}

/** Shard to host. */
export interface FromShard {
  /** The shard takes commands from now on. */
  readonly ready?: true;
  readonly answers?: readonly unknown[];
  /** Size of the answers, to be given back as `taken`. */
  readonly bytes?: number;
  /** Positions that the shard has stored since its last message. */
  readonly stored?: readonly PositionRange[];
  readonly pages?: readonly PageResult[];
  /** Commands whose outcome stays unknown. */
  readonly givenUp?: readonly GivenUp[];
  readonly notices?: readonly PlainNotice[];
  /** For the channels and the logger of the host. */
  readonly records?: readonly TelemetryRecord[];
  readonly inspected?: readonly ToldByShard[];
  readonly stopped?: true;
  /** The shard could not start. */
  readonly failed?: PlainError;
}

/** Asks for a page of a stream's events. */
export interface PageQuery {
  readonly ref: number;
  readonly aggregate: string;
  readonly id: string;
  readonly after: number;
  readonly limit: number;
}

/** A page of a stream's events, or why there is none. */
export interface PageResult {
  readonly ref: number;
  readonly events: readonly ReadEvent[];
  readonly failure?: PlainError;
}

/** A notice as plain data. */
export interface PlainNotice {
  readonly kind: 'degraded' | 'recovered' | 'error' | 'warning' | 'info' | 'ownership';
  readonly message: string;
  readonly cause: PlainError | undefined;
  /** Shard that tells it. */
  readonly shard?: number;
}

/** A flat list of commands. */
export function flatCommands(messages: readonly CommandMessage[]): unknown[] {
  const list: unknown[] = [];
  for (const message of messages) writeCommand(list, message);
  return list;
}

function writeCommand(list: unknown[], m: CommandMessage): void {
  list.push(
    m.ref,
    m.aggregate,
    m.id,
    m.type,
    m.data,
    m.metadata,
    m.commandId,
    m.occurredAt,
    m.deadline,
    m.key,
    m.expectedVersion,
    m.wantsState,
    m.keepsAll,
    m.handovers,
  );
}

/** Calls `take` for each command of a flat list, in order. */
export function readCommands(
  list: readonly unknown[],
  take: (message: CommandMessage) => void,
): void {
  for (let i = 0; i < list.length; ) {
    take({
      ref: list[i++] as number,
      aggregate: list[i++] as string,
      id: list[i++] as string,
      type: list[i++] as string,
      data: list[i++] as string,
      metadata: list[i++] as string,
      commandId: list[i++] as string,
      occurredAt: list[i++] as number,
      deadline: list[i++] as number,
      key: list[i++] as string,
      expectedVersion: list[i++] as ExpectedVersion | undefined,
      wantsState: list[i++] as boolean,
      keepsAll: list[i++] as boolean,
      handovers: list[i++] as number,
    });
  }
}

/** A flat list of streams that others have appended to. */
export function flatHeads(heads: readonly LogHead[]): unknown[] {
  return heads.flatMap(({ aggregate, id, version }) => [aggregate, id, version]);
}

/** Calls `take` for each stream of a flat list. */
export function readHeads(
  list: readonly unknown[],
  take: (aggregate: string, id: string, version: number) => void,
): void {
  for (let i = 0; i < list.length; i += 3)
    take(list[i] as string, list[i + 1] as string, list[i + 2] as number);
}

/** Bytes that a command takes while it is under way, about. */
export function commandBytes(message: CommandMessage): number {
  return message.data.length + message.metadata.length + message.id.length + 200;
}

const ACCEPTED = 0;
const REJECTED = 1;
const REFUSED = 2;
const FAILED = 3;
const STATE = 4;
const INLINE_FAILED = 'InlineProjectionFailed';

/** Appends an answer to a flat list and returns its size in bytes, about. */
export function writeAnswer(list: unknown[], answer: Answer): number {
  switch (answer.kind) {
    case 'accepted':
      return writeAccepted(list, answer);
    case 'state':
      list.push(answer.ref, STATE, answer.version, answer.position, answer.state);
      return 50 + (answer.state?.length ?? 0);
    case 'rejected': {
      const rejection = JSON.stringify(answer.rejection);
      list.push(answer.ref, REJECTED, rejection, answer.deduplicated);
      return 50 + rejection.length;
    }
    case 'refused':
    case 'failed': {
      const code = answer.code ?? '';
      const text = JSON.stringify([answer.details, answer.cause ?? null]);
      list.push(
        answer.ref,
        answer.kind === 'refused' ? REFUSED : FAILED,
        code,
        answer.message,
        text,
      );
      return 50 + text.length + answer.message.length;
    }
  }
}

function writeAccepted(list: unknown[], answer: Extract<Answer, { kind: 'accepted' }>): number {
  let bytes = 50 + (answer.state?.length ?? 0);
  list.push(
    answer.ref,
    ACCEPTED,
    answer.version,
    answer.position,
    answer.deduplicated,
    answer.state,
    answer.events.length,
  );
  for (const { type, data, version, position } of answer.events) {
    list.push(type, data, version, position);
    bytes += 50 + data.length;
  }
  return bytes;
}

/** Calls `take` for each answer of a flat list, in order. */
export function readAnswers(list: readonly unknown[], take: (answer: Answer) => void): void {
  const cursor = { list, at: 0 };
  while (cursor.at < list.length) take(readAnswer(cursor));
}

interface Cursor {
  readonly list: readonly unknown[];
  at: number;
}

function readAnswer(cursor: Cursor): Answer {
  const ref = next<number>(cursor);
  const kind = next<number>(cursor);
  switch (kind) {
    case ACCEPTED:
      return readAccepted(cursor, ref);
    case STATE:
      return {
        ref,
        kind: 'state',
        version: next(cursor),
        position: next(cursor),
        state: next(cursor),
      };
    case REJECTED:
      return {
        ref,
        kind: 'rejected',
        rejection: JSON.parse(next(cursor)) as Rejection,
        deduplicated: next(cursor),
      };
    default: {
      const code = next<string>(cursor);
      const message = next<string>(cursor);
      const [details, cause] = JSON.parse(next(cursor)) as [object, PlainError | null];
      const rest = { ref, message, details, cause: cause ?? undefined };
      // As it was written.
      if (kind === REFUSED) return { kind: 'refused', code: code as RefusalCode, ...rest };
      return { kind: 'failed', ...rest, ...(code === INLINE_FAILED && { code: INLINE_FAILED }) };
    }
  }
}

function readAccepted(cursor: Cursor, ref: number): Answer {
  const version = next<number>(cursor);
  const position = next<number>(cursor);
  const deduplicated = next<boolean>(cursor);
  const state = next<string | undefined>(cursor);
  const events: AnswerEvent[] = [];
  for (let left = next<number>(cursor); left > 0; left--) {
    events.push({
      type: next(cursor),
      data: next(cursor),
      version: next(cursor),
      position: next(cursor),
    });
  }
  return { ref, kind: 'accepted', version, position, deduplicated, state, events };
}

function next<T>(cursor: Cursor): T {
  return cursor.list[cursor.at++] as T;
}
