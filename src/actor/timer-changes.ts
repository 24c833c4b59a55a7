import type { NewTimer } from '../aggregate/decider.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { TimerArmed } from '../aggregate/timer-stream.js';
import { describeIssues, validate } from '../aggregate/validate.js';
import { type JsonLimits, toJson } from '../internal/json.js';
import { unknownCommand } from './queued-command.js';

type AnyTimer = NewTimer<Record<string, never>>;

const MAX_KEY_BYTES = 200;
const LATEST = Date.UTC(10_000, 0) - 1;

/** The JSON text of an `armed` event. Throws for what does not fit. */
export function armedText(definition: Aggregate, timer: AnyTimer, limits: JsonLimits): string {
  const { key, at, command } = timer as {
    readonly key: unknown;
    readonly at: unknown;
    readonly command: { readonly type: string; readonly data: unknown };
  };
  const { type, data } = command ?? {};
  const spec = Object.hasOwn(definition.commands, type) ? definition.commands[type] : undefined;
  if (!spec) throw misfit('command', unknownCommand(definition, String(type)));
  const parsed = validate(spec.schema, data);
  if (!parsed.ok)
    throw misfit('command', `data that fits ${type}, got ${describeIssues(parsed.issues)}`);
  const armed: TimerArmed = {
    ...{ key: checkedKey(key), at: instant(at) },
    // As it was given: the schema parses it again when it is sent.
    command: { type, data: data ?? null },
  };
  return toJson(armed, limits);
}

/** Throws for what cannot name a timer. */
export function checkedKey(key: unknown): string {
  const fits =
    typeof key === 'string' &&
    key.isWellFormed() &&
    /^[^\p{Cc}]+$/u.test(key) &&
    key !== '__proto__' &&
    Buffer.byteLength(key) <= MAX_KEY_BYTES;
  if (fits) return key;
  const given = JSON.stringify(key) ?? typeof key;
  throw misfit('key', `1 to ${MAX_KEY_BYTES} bytes without control characters, got ${given}`);
}

function instant(at: unknown): string {
  const ms = at instanceof Date ? at.getTime() : at;
  if (typeof ms === 'number' && ms >= 0 && ms <= LATEST) return new Date(ms).toISOString();
  const expected = 'a date or Unix milliseconds from 1970 to the year 9999';
  throw misfit('at', `${expected}, got ${String(at)}`);
}

function misfit(field: string, what: string): TypeError {
  return new TypeError(`A timer's ${field}: expected ${what}`);
}
