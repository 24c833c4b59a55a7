import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ToJsonSchema } from '../to-json-schema.js';
import { exampleOf, type JsonSchema } from './example-of.js';

export type { JsonSchema } from './example-of.js';
export type SchemaTarget = Parameters<ToJsonSchema>[1];

/** A schema that brings its JSON Schema along, as Standard JSON Schema has it: zod 4.2, arktype 2.1.28, ... */
interface WithJsonSchema {
  readonly jsonSchema?: {
    input(options: { readonly target: string }): JsonSchema;
    output(options: { readonly target: string }): JsonSchema;
  };
}

/** Schemas as a document has them, all under one name each. */
export class SchemaBook {
  readonly schemas: Record<string, JsonSchema> = {};

  /** `root` is where the schemas will stand: in what, and the start of their names there. */
  constructor(
    private readonly target: SchemaTarget,
    private readonly convert: ToJsonSchema,
    private readonly root = '#/components/schemas/',
  ) {}

  /**
   * Adds a schema and returns a reference to it. `input` is what a caller may send, `output` what a schema
   * makes of it. One that cannot be described is `{}`: anything, with a word about it.
   */
  add(name: string, schema: StandardSchemaV1 | undefined, side: 'input' | 'output'): JsonSchema {
    return this.put(name, schema ? this.describe(schema, side) : {});
  }

  /** Adds a JSON Schema and returns a reference to it. */
  put(name: string, schema: JsonSchema): JsonSchema {
    const key = this.free(name.replaceAll(/[^A-Za-z0-9._-]/g, '_'));
    const at = this.root + key;
    const { $schema: _, ...rest } = this.rebased(schema, at) as JsonSchema;
    this.schemas[key] = rest;
    return { $ref: at };
  }

  /** An example of what a schema takes, if one can be made. */
  exampleOf(schema: StandardSchemaV1): unknown {
    return exampleOf(this.describe(schema, 'input'));
  }

  private describe(schema: StandardSchemaV1, side: 'input' | 'output'): JsonSchema {
    const { target } = this;
    const given = this.convert(schema, target) as JsonSchema | undefined;
    if (given) return given;
    const { vendor, jsonSchema } = schema['~standard'] as StandardSchemaV1.Props & WithJsonSchema;
    try {
      if (jsonSchema) return jsonSchema[side]({ target });
    } catch {
      // Some of what a schema checks has no counterpart: a Date, a transformation.
    }
    return {
      description: `Anything that its ${vendor} schema takes; no JSON Schema of it is known`,
    };
  }

  private free(name: string): string {
    let key = name;
    for (let n = 2; Object.hasOwn(this.schemas, key); n++) key = `${name}_${n}`;
    return key;
  }

  /** Its references are to itself; in a document they have to begin at the document's root. */
  private rebased(value: unknown, at: string): unknown {
    if (Array.isArray(value)) return value.map((one) => this.rebased(one, at));
    if (typeof value !== 'object' || value === null) return value;
    const isOwn = (key: string, inside: unknown): inside is string =>
      key === '$ref' &&
      typeof inside === 'string' &&
      inside.startsWith('#') &&
      !inside.startsWith(this.root);
    return Object.fromEntries(
      Object.entries(value).map(([key, inside]) =>
        isOwn(key, inside) ? [key, at + inside.slice(1)] : [key, this.rebased(inside, at)],
      ),
    );
  }
}
