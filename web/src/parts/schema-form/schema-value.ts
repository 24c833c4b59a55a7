import type { Json } from '../../data/answers.js';
import type { Schema } from '../../data/json-schema.js';

/** Named schemas that others refer to. */
export type Named = Readonly<Record<string, Schema>>;

/** How a value is asked for. `json`: as text, since no field fits. */
export type FieldKind =
  | 'text'
  | 'number'
  | 'flag'
  | 'choice'
  | 'object'
  | 'list'
  | 'json'
  | 'const';

const PREFIX = '#/components/schemas/';
/** Schemas that contain themselves end somewhere. */
const DEEPEST = 6;

/** What a schema says, where it refers to another: what that says. One that is not known says nothing. */
export function resolved(schema: Schema, named: Named): Schema {
  let found = schema;
  for (let i = 0; i < DEEPEST && found.$ref !== undefined; i++)
    found = named[found.$ref.replace(PREFIX, '')] ?? {};
  const [only, ...others] = found.allOf ?? [];
  return only && others.length === 0 ? { ...resolved(only, named), ...withoutAllOf(found) } : found;
}

/** The field for a schema that is resolved. */
export function kindOf({ type, enum: choices, const: only, properties, items }: Schema): FieldKind {
  if (only !== undefined) return 'const';
  if (choices?.every((choice) => typeof choice === 'string')) return 'choice';
  if (type === 'string') return 'text';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'boolean') return 'flag';
  if (type === 'object' && properties) return 'object';
  return type === 'array' && items ? 'list' : 'json';
}

/** What a form begins with: the example or default of the schema, else the emptiest value that has its form. */
export function initialOf(schema: Schema, named: Named, depth = 0): Json | undefined {
  const known = resolved(schema, named);
  const given = known.const ?? known.default ?? known.examples?.[0];
  // What a document holds is JSON.
  if (given !== undefined) return given as Json;
  switch (kindOf(known)) {
    case 'text':
      return '';
    case 'flag':
      return false;
    case 'choice':
      return (known.enum?.[0] as string | undefined) ?? '';
    case 'list':
      return [];
    case 'object':
      return depth < DEEPEST ? initialObject(known, named, depth) : {};
    default:
      return undefined;
  }
}

/** Of what is not required, nothing is there at first. */
function initialObject(
  { properties = {}, required = [] }: Schema,
  named: Named,
  depth: number,
): Json {
  const entries = Object.entries(properties).flatMap(([name, schema]) => {
    const value = required.includes(name) ? initialOf(schema, named, depth + 1) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** A number as it was typed; undefined for none, and for what is no number. */
export function numberIn(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** An object with a field set, or without it. */
export function withField(value: Json | undefined, name: string, field: Json | undefined): Json {
  const before = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  const others = Object.entries(before).filter(([key]) => key !== name);
  return Object.fromEntries(field === undefined ? others : [...others, [name, field]]);
}

function withoutAllOf({ allOf: _, ...rest }: Schema): Schema {
  return rest;
}
