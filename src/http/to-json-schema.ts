import type { StandardSchemaV1 } from '@standard-schema/spec';

/** Turns a schema into JSON Schema; undefined if it cannot. */
export type ToJsonSchema = (
  schema: StandardSchemaV1,
  target: 'draft-2020-12' | 'draft-07',
) => object | undefined;
