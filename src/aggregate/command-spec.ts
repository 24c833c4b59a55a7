import type { StandardSchemaV1 } from '@standard-schema/spec';

/** On which streams a command may run: new ones, existing ones, or both. */
export type CommandKind = 'create' | 'existing' | 'upsert';

/** Options of `create` and `upsert`. */
export interface CommandOptions<Data> {
  /** Derives the id from the command's data, for ids that the data determines. Pure; runs in the host. */
  readonly idFor?: (data: Data) => string;
}

declare const createBrand: unique symbol;
declare const upsertBrand: unique symbol;

/** A command declared with `create(...)`. */
export interface CreateCommand<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  readonly kind: 'create';
  readonly schema: Schema;
  readonly idFor: ((data: never) => string) | undefined;
  readonly [createBrand]?: true;
}

/** A command declared with `upsert(...)`. */
export interface UpsertCommand<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  readonly kind: 'upsert';
  readonly schema: Schema;
  readonly idFor: ((data: never) => string) | undefined;
  readonly [upsertBrand]?: true;
}

/** A command's declaration: a schema (existing streams only), `create(schema)` or `upsert(schema)`. */
export type CommandSpec = StandardSchemaV1 | CreateCommand | UpsertCommand;

/** Declares a command that runs only on a stream that does not exist yet, else it is rejected as `AlreadyExists`. */
export function create<Schema extends StandardSchemaV1>(
  schema: Schema,
  options: CommandOptions<StandardSchemaV1.InferInput<Schema>> = {},
): CreateCommand<Schema> {
  return { kind: 'create', schema, idFor: options.idFor };
}

/** Declares a command that runs on a new stream as well as on an existing one. */
export function upsert<Schema extends StandardSchemaV1>(
  schema: Schema,
  options: CommandOptions<StandardSchemaV1.InferInput<Schema>> = {},
): UpsertCommand<Schema> {
  return { kind: 'upsert', schema, idFor: options.idFor };
}

/** The schema in a command's declaration. */
export type SchemaOf<Spec> = Spec extends {
  readonly kind: string;
  readonly schema: infer Schema extends StandardSchemaV1;
}
  ? Schema
  : Spec extends StandardSchemaV1
    ? Spec
    : never;

/** A command's declaration with its parts named. */
export interface ResolvedCommand {
  readonly kind: CommandKind;
  readonly schema: StandardSchemaV1;
  readonly idFor: ((data: never) => string) | undefined;
}

/** Names the parts of a declaration, whichever form it has. */
export function resolveCommand(spec: CommandSpec): ResolvedCommand {
  return '~standard' in spec ? { kind: 'existing', schema: spec, idFor: undefined } : spec;
}
