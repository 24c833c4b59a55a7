import type { Tool as Listed } from '@modelcontextprotocol/server';
import type { JsonSchema, SchemaBook } from '../http/documents/json-schema.js';
import { HttpError } from '../http/http-error.js';
import type { Question } from '../http/mcp-mount.js';

/** Arguments of a call, unchecked. */
export type Arguments = Readonly<Record<string, unknown>>;

/** What can be called, and what it asks of the domain API. */
export interface Tool {
  readonly listed: Listed;
  /** Throws `HttpError` for arguments that cannot be asked. */
  toQuestion(given: Arguments): Question;
  /** Where in the arguments the body of the question is: what is wrong with it is pointed at there. */
  readonly bodyAt?: string;
  /** Throws `HttpError` for an answer that is not for who calls. */
  check?(answer: unknown): void;
}

/** Of a tool that changes nothing. */
export const READS = {
  ...{ readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};

/** Where schemas of the domain stand in the schema of a tool. */
export const SCHEMAS_AT = '#/$defs/troupe.';

/** The name of a tool, in letters that all clients take. */
export function toolName(...words: readonly string[]): string {
  return words
    .join('_')
    .replaceAll(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 64);
}

/**
 * A schema that stands alone. What it refers to stands in it, for not all clients follow references; what is
 * recursive stands beside it.
 */
export function alone(schema: JsonSchema, book: SchemaBook): Listed['inputSchema'] {
  const all = Object.entries(book.schemas).map(([name, one]) => [`troupe.${name}`, one] as const);
  const isPlain = ([, one]: (typeof all)[number]): boolean =>
    !JSON.stringify(one).includes('"$ref":');
  const plain = new Map(all.filter(isPlain).map(([name, one]) => [`#/$defs/${name}`, one]));
  const rest = all.filter((one) => !isPlain(one));
  return {
    ...(inlined(schema, plain) as JsonSchema),
    type: 'object',
    ...(rest.length > 0 && { $defs: Object.fromEntries(rest) }),
  } as Listed['inputSchema'];
}

function inlined(value: unknown, plain: ReadonlyMap<string, JsonSchema>): unknown {
  if (Array.isArray(value)) return value.map((one) => inlined(one, plain));
  if (typeof value !== 'object' || value === null) return value;
  const found = plain.get((value as { readonly $ref?: string }).$ref ?? '');
  if (found) return found;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inlined(one, plain)]));
}

/** Refuses arguments that a tool does not know: a misspelt one would not do what was meant. */
export function onlyThese(given: Arguments, names: readonly string[]): void {
  const wrong = Object.keys(given).filter((name) => !names.includes(name));
  if (wrong.length === 0) return;
  const message = `expected one of ${names.join(', ')}`;
  throw invalidArguments(wrong.map((name) => ({ pointer: pointerTo(name), message })));
}

/** An argument that is a text. */
export function textOf(given: Arguments, name: string): string {
  const value = given[name];
  if (typeof value === 'string') return value;
  throw invalidArguments([{ pointer: pointerTo(name), message: 'expected a string' }]);
}

/** The error for arguments that do not fit. */
export function invalidArguments(
  errors: readonly { readonly pointer: string; readonly message: string }[],
): HttpError {
  const what = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  return new HttpError('InvalidCommand', `The arguments do not fit: ${what}`.slice(0, 1000), {
    ...{ status: 422, errors },
  });
}

function pointerTo(name: string): string {
  return `/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
