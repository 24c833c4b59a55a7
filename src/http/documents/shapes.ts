import type { JsonSchema } from './json-schema.js';

/** Schemas of plain data, in few words. */
export const TEXT: JsonSchema = { type: 'string' };
export const WHOLE: JsonSchema = { type: 'integer', minimum: 0 };
export const NUMBER: JsonSchema = { type: 'number' };
export const FLAG: JsonSchema = { type: 'boolean' };
/** Unix milliseconds. */
export const INSTANT: JsonSchema = { type: 'integer', description: 'Unix milliseconds' };
/** Data of the domain: any JSON. */
export const ANY: JsonSchema = {};

/** One of a few words. */
export function words(...names: readonly string[]): JsonSchema {
  return { enum: names };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** An object with exactly these fields; those whose name ends in `?` may be absent. */
export function shape(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    additionalProperties: false,
    required: names.filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(
      names.map((name) => [name.replace(/\?$/, ''), fields[name] as JsonSchema]),
    ),
  };
}

/** The value or null. */
export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
