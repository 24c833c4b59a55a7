import { Ajv2020 } from 'ajv/dist/2020.js';

/** A JSON Schema as a question: does a value fit? Throws for what is no schema. */
export function ajvSchema(schema: object): (value: unknown) => boolean {
  return new Ajv2020({ strict: false, validateFormats: false }).compile(schema) as (
    value: unknown,
  ) => boolean;
}
