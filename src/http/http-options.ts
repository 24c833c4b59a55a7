import type { StandardSchemaV1 } from '@standard-schema/spec';
import { SetupError } from '../messages/errors.js';
import type { Logger } from '../telemetry/log.js';
import type { Authorize } from './action.js';
import { bearerTokens, type TokenOf } from './bearer-token.js';
import type { Redact } from './redaction.js';

/** Turns a schema into JSON Schema; undefined if it cannot. */
export type ToJsonSchema = (
  schema: StandardSchemaV1,
  target: 'draft-2020-12' | 'draft-07',
) => object | undefined;

/** What `createHttp` takes. Everything is off that is not switched on. */
export interface HttpOptions {
  /** Takes commands over HTTP. Default false: they are answered 403 and left out of the documents. */
  readonly commands?: boolean;
  /**
   * Lets operators act over HTTP: quarantine, pause, retry and so on, each with who and why. Default false:
   * they are answered 403 and left out of the documents. Looking inside is always possible to who is admitted.
   */
  readonly verbs?: boolean;
  /**
   * Serves the dashboard at `/`. Its files hold no data and are for everybody; what it shows it asks for like any
   * other client, with the token that one gives it. Default true.
   */
  readonly dashboard?: boolean;
  /**
   * Decides on each request; what it returns is stored in the metadata of the events that it causes.
   * Without it (and without `token`) only requests from this machine are answered.
   */
  readonly authorize?: Authorize;
  /**
   * Shorthand for `authorize`: whoever sends this token (16 characters at least) as `Authorization: Bearer`
   * may do everything, as principal `bearer`; or several, each with its principal. Health needs none.
   */
  readonly token?: string | readonly TokenOf[];
  /** Commands without an `Idempotency-Key` are answered 400. Default false. */
  readonly requireIdempotencyKey?: boolean;
  /**
   * Path under which requests arrive, where what it is mounted in leaves it in place (node:http, Fastify, a
   * fetch handler). Express and hono take it off themselves. Default: none.
   */
  readonly basePath?: string;
  /** What may leave of state, events and commands. Default: all. */
  readonly redact?: Redact;
  /** Bytes of a request's body at most; more is answered 413. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** How long `?waitFor=` waits for a view. Milliseconds. Default 5 000. */
  readonly waitForMs?: number;
  /** For schemas that do not bring their JSON Schema along. Default: they are described as `{}`. */
  readonly jsonSchema?: ToJsonSchema;
  /** Title and version in the documents. Default: `Domain API`, `0.0.0`. */
  readonly info?: { readonly title: string; readonly version: string };
  /** Hears of answers 500, with their `traceId`. Default: nobody does. */
  readonly logger?: Logger;
}

/** `HttpOptions` with defaults filled in. */
export interface ResolvedHttp {
  readonly commands: boolean;
  readonly verbs: boolean;
  readonly dashboard: boolean;
  readonly authorize: Authorize | undefined;
  readonly requireIdempotencyKey: boolean;
  readonly basePath: string;
  readonly redact: Redact;
  readonly maxBodyBytes: number;
  readonly waitForMs: number;
  readonly jsonSchema: ToJsonSchema;
  readonly info: { readonly title: string; readonly version: string };
  readonly logger: Logger | undefined;
}

const MEBIBYTE = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const LEAST_TOKEN = 16;
const NAMES: readonly string[] = [
  ...['commands', 'verbs', 'authorize', 'token', 'requireIdempotencyKey', 'basePath', 'redact'],
  ...['dashboard', 'maxBodyBytes', 'waitForMs', 'jsonSchema', 'info', 'logger'],
];

/** Fills in defaults. Throws `SetupError` naming option, expectation and value. */
export function resolveHttp(options: HttpOptions): ResolvedHttp {
  const misspelt = Object.keys(options).find((name) => !NAMES.includes(name));
  if (misspelt !== undefined) throw invalid(misspelt, `one of ${NAMES.join(', ')}`, misspelt);
  for (const name of ['commands', 'verbs', 'dashboard', 'requireIdempotencyKey'] as const)
    check(name, options[name], 'true or false', (value) => typeof value === 'boolean');
  for (const name of ['authorize', 'redact', 'jsonSchema'] as const)
    check(name, options[name], 'a function', (value) => typeof value === 'function');
  check('maxBodyBytes', options.maxBodyBytes, '1 to 67108864', wholeUpTo(64 * MEBIBYTE));
  check('waitForMs', options.waitForMs, `1 to ${DAY_MS}`, wholeUpTo(DAY_MS));
  check('basePath', options.basePath, 'a path, as /troupe', isPath);
  return {
    commands: options.commands ?? false,
    verbs: options.verbs ?? false,
    dashboard: options.dashboard ?? true,
    authorize: authorizeOf(options),
    requireIdempotencyKey: options.requireIdempotencyKey ?? false,
    basePath: options.basePath ?? '',
    redact: options.redact ?? ((value) => value),
    maxBodyBytes: options.maxBodyBytes ?? MEBIBYTE,
    waitForMs: options.waitForMs ?? 5000,
    jsonSchema: options.jsonSchema ?? (() => undefined),
    info: options.info ?? { title: 'Domain API', version: '0.0.0' },
    logger: options.logger,
  };
}

function authorizeOf({ authorize, token }: HttpOptions): Authorize | undefined {
  if (token === undefined) return authorize;
  if (authorize) throw invalid('token', 'none beside authorize', 'both');
  const tokens = typeof token === 'string' ? [{ token, principal: 'bearer' }] : token;
  const fits =
    Array.isArray(tokens) &&
    tokens.length > 0 &&
    tokens.every((one) => isToken(one?.token) && typeof one.principal === 'string');
  // What was given is a secret.
  if (!fits) throw invalid('token', `${LEAST_TOKEN} characters or more without spaces`, 'less');
  return bearerTokens(tokens);
}

function isToken(token: unknown): boolean {
  return typeof token === 'string' && token.length >= LEAST_TOKEN && /^[!-~]+$/.test(token);
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && /^(\/[A-Za-z0-9._~-]+)*$/.test(value);
}

function wholeUpTo(most: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function check(
  option: string,
  value: unknown,
  expected: string,
  fits: (value: unknown) => boolean,
): void {
  if (value !== undefined && !fits(value)) throw invalid(option, expected, String(value));
}

function invalid(option: string, expected: string, given: string): SetupError {
  return new SetupError(
    'InvalidOption',
    `Option ${option} of the HTTP server: expected ${expected}, got ${given}`,
    { option, expected, given },
  );
}
