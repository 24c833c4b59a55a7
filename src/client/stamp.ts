import { createHash } from 'node:crypto';
import type { Domain } from '../aggregate/domain.js';
import type { Clock } from '../internal/clock.js';
import { type JsonLimits, NotJson, toJson } from '../internal/json.js';
import type { CommandMessage, ExpectedVersion } from '../messages/command.js';
import { CommandRefused, type RefusalCode } from '../messages/errors.js';
import { idProblem, uuidv7 } from '../messages/ids.js';
import type { Sending } from '../messages/sending.js';
import type { SendOptions } from './send-options.js';

/** What stamping needs beside the call. */
export interface StampSetup extends Sending {
  /** Real time, for deadlines. */
  readonly now: () => number;
  /** Time as the domain sees it: the default of `occurredAt`. */
  readonly domainNow: () => number;
  readonly newId: () => string;
}

/** What is called. */
export interface Call {
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

const MAX_KEY_BYTES = 255;
let lastRef = 0;

/** Options of a call, with those that only the runtime's own callers know. */
export interface StampOptions extends SendOptions {
  /** See `CommandMessage.keepsAll`. */
  readonly keepsAll?: boolean;
}

/** Number of a call; unique in this thread. */
export function newRef(): number {
  lastRef += 1;
  return lastRef;
}

/** What stamping needs, for a domain: its clock and its ids, if it has its own. */
export function stampSetup(
  { limits, timeoutMs }: Sending,
  { clock: domainClock, ids }: Pick<Domain, 'clock' | 'ids'>,
  clock: Clock,
): StampSetup {
  return {
    ...{ limits, timeoutMs, now: () => clock.now() },
    domainNow: () => (domainClock ?? clock).now(),
    newId: () => (ids ? ids.newId() : uuidv7()),
  };
}

/** Makes the message for a call: serialises data and metadata, once. Throws `CommandRefused` for what cannot be sent. */
export function stamp(call: Call, options: StampOptions, setup: StampSetup): CommandMessage {
  const { aggregate, id, type } = call;
  const problem = idProblem(id);
  if (problem) throw refusal('InvalidId', call, `id ${JSON.stringify(id)}: ${problem}`, { id });
  const commandId = options.commandId ?? setup.newId();
  checkShortText(call, 'commandId', commandId, 1);
  const key = options.idempotencyKey ?? '';
  if (options.idempotencyKey !== undefined) checkShortText(call, 'idempotencyKey', key, 1);
  return {
    ref: newRef(),
    aggregate,
    id,
    type,
    data: json(call, 'data', call.data, setup.limits),
    metadata: metadataJson(call, commandId, options, setup.limits),
    commandId,
    occurredAt:
      options.occurredAt === undefined ? setup.domainNow() : instant(call, options.occurredAt),
    deadline: setup.now() + timeoutOf(call, options.timeoutMs ?? setup.timeoutMs),
    key,
    expectedVersion: expectedVersionOf(call, options.expectedVersion),
    wantsState: options.state ?? false,
    keepsAll: options.keepsAll ?? false,
    handovers: 0,
  };
}

const LONGEST_TIMEOUT_MS = 24 * 60 * 60 * 1000;

function timeoutOf(call: Call, ms: unknown): number {
  if (typeof ms === 'number' && ms >= 1 && ms <= LONGEST_TIMEOUT_MS) return ms;
  throw refusal(
    'InvalidCommand',
    call,
    `timeoutMs: expected 1 to ${LONGEST_TIMEOUT_MS}, got ${String(ms)}`,
    {},
  );
}

/** Throws `CommandRefused` unless it is a time that `waitFor` may take. */
export function checkWaitMs(call: Call, ms: unknown): void {
  if (ms === undefined) return;
  if (typeof ms === 'number' && ms >= 1 && ms <= LONGEST_TIMEOUT_MS) return;
  const problem = `waitForTimeoutMs: expected 1 to ${LONGEST_TIMEOUT_MS}, got ${String(ms)}`;
  throw refusal('InvalidCommand', call, problem, {});
}

function expectedVersionOf(call: Call, expected: unknown): ExpectedVersion | undefined {
  if (expected === undefined || expected === 'none' || expected === 'exists') return expected;
  if (Number.isSafeInteger(expected) && (expected as number) >= 0) return expected as number;
  const problem = `expectedVersion: expected a version, 'none' or 'exists', got ${JSON.stringify(expected)}`;
  throw refusal('InvalidCommand', call, problem, {});
}

function metadataJson(
  call: Call,
  commandId: string,
  { metadata }: SendOptions,
  limits: JsonLimits,
): string {
  if (!metadata) return `{"correlationId":${JSON.stringify(commandId)}}`;
  const whole =
    metadata.correlationId === undefined ? { correlationId: commandId, ...metadata } : metadata;
  return json(call, 'metadata', whole, limits);
}

function json(call: Call, field: string, value: unknown, limits: JsonLimits): string {
  try {
    return toJson(value ?? null, limits);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const details = { issues: [{ path: `${field}${error.path}`, message: error.found }] };
    throw refusal(
      'InvalidCommand',
      call,
      `${field}${error.path} cannot be sent as JSON: ${error.found}`,
      details,
    );
  }
}

/** What Postgres can hold begins in 4713 BC; what JavaScript can ends in the year 275760, which is earlier. */
const EARLIEST = Date.UTC(-4712, 0, 1);
const LATEST = 8.64e15;

function instant(call: Call, value: Date | number | string): number {
  const ms =
    value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  if (Number.isSafeInteger(ms) && ms >= EARLIEST && ms <= LATEST) return ms;
  throw refusal(
    'InvalidCommand',
    call,
    `occurredAt: expected a date, whole milliseconds or an ISO string from 4713 BC to the year 275760, got ${String(value)}`,
    {},
  );
}

function checkShortText(call: Call, field: string, value: unknown, least: number): void {
  const fits =
    typeof value === 'string' &&
    value.length >= least &&
    (value.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(value) <= MAX_KEY_BYTES) &&
    value.isWellFormed() &&
    !value.includes('\0');
  if (!fits)
    throw refusal(
      'InvalidCommand',
      call,
      `${field}: expected ${least} to ${MAX_KEY_BYTES} bytes of well-formed text, got ${JSON.stringify(value)}`,
      {},
    );
}

function refusal(
  code: RefusalCode,
  { aggregate, id, type }: Call,
  problem: string,
  details: object,
): CommandRefused {
  return new CommandRefused(code, `${aggregate}.${type}: ${problem}`, {
    aggregate,
    id,
    command: type,
    ...details,
  });
}

/** The id that `create` uses when the caller gives none: alike for the same key. */
export function idFromKey(aggregate: string, key: string): string {
  const hex = createHash('sha256').update(`${aggregate}\0${key}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
