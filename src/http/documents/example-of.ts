/** A JSON Schema, as far as it is looked into here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 8;
const NONE = Symbol('no example');

/** Texts of the formats that schemas know. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  email: 'mia@example.org',
  uuid: '018f2d1e-7b1a-7c4e-9f1a-0123456789ab',
  uri: 'https://example.org/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/**
 * An example of what a JSON Schema takes: one that it brings along, else one made of its types; undefined
 * where none can be made for certain, as for a pattern.
 */
export function exampleOf(schema: JsonSchema): unknown {
  const example = make(schema, schema, 0);
  return example === NONE ? undefined : example;
}

function make(given: unknown, root: JsonSchema, depth: number): unknown {
  if (typeof given !== 'object' || given === null || depth > MAX_DEPTH) return NONE;
  const schema = given as JsonSchema;
  const [first] = [schema.examples, schema.enum].find(isFilled) ?? [NONE];
  if (first !== NONE) return first;
  for (const name of ['const', 'default']) if (name in schema) return schema[name];
  if (typeof schema.$ref === 'string') return make(resolved(schema.$ref, root), root, depth + 1);
  const either = [schema.anyOf, schema.oneOf].find(isFilled);
  if (either) return make(either[0], root, depth + 1);
  return ofType(schema, root, depth);
}

function ofType(schema: JsonSchema, root: JsonSchema, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema, type === 'integer');
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return arrayOf(schema, root, depth);
    case 'object':
      return objectOf(schema, root, depth);
    default:
      return NONE;
  }
}

function textOf({ format, pattern, minLength = 0, maxLength }: JsonSchema): unknown {
  if (typeof format === 'string') return FORMATS[format] ?? NONE;
  if (pattern !== undefined) return NONE;
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  const text = 'text'.padEnd(Number(minLength), '.');
  return text.length <= most ? text : text.slice(0, most);
}

function numberOf(schema: JsonSchema, isWhole: boolean): unknown {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf } = schema;
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : undefined;
  const least = Math.max(...[minimum, above].filter(isNumber), Number.MIN_SAFE_INTEGER);
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum - step : undefined;
  const most = Math.min(...[maximum, below].filter(isNumber), Number.MAX_SAFE_INTEGER);
  const value = Math.min(Math.max(step, Math.ceil(least / step) * step), most);
  const fits = value >= least && (!isWhole || Number.isInteger(value)) && value % step === 0;
  return fits ? value : NONE;
}

function arrayOf({ items, minItems }: JsonSchema, root: JsonSchema, depth: number): unknown {
  const item = make(items, root, depth + 1);
  if (item === NONE) return minItems === undefined || minItems === 0 ? [] : NONE;
  return Array.from({ length: Math.max(1, Number(minItems ?? 1)) }, () => item);
}

/** What may be left out is, where no example of it can be made. */
function objectOf(schema: JsonSchema, root: JsonSchema, depth: number): unknown {
  const { properties = {}, required = [] } = schema as {
    properties?: object;
    required?: readonly string[];
  };
  const example: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = make(property, root, depth + 1);
    if (value !== NONE) example[name] = value;
    else if (required.includes(name)) return NONE;
  }
  return example;
}

/** A reference of a schema to a part of itself: `#/components/schemas/x/$defs/y` ends with the part. */
function resolved(ref: string, root: JsonSchema): unknown {
  const [, name] = /\/\$defs\/([^/]+)$/.exec(ref) ?? [];
  const { $defs } = root as { readonly $defs?: Readonly<Record<string, unknown>> };
  return name === undefined ? undefined : $defs?.[name];
}

function isFilled(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
