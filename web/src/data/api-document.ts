import type { Schema } from './json-schema.js';
import { useQuery } from './use-query.js';

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  /** Of a dry run: schemas of the data of all commands, by aggregate and type. */
  readonly 'x-commands'?: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
}

/** The OpenAPI document, as far as it is shown. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DRY_RUN = '/inspect/actors/{aggregate}/{id}/dry-run';
const A_VERB = '/inspect/actors/{aggregate}/{id}/passivate';

/** What the server says of itself. */
export function useApiDocument() {
  return useQuery<ApiDocument>('/openapi.json');
}

/** Commands of each aggregate, with the schema of their data. */
export function commandsIn(document: ApiDocument | undefined) {
  return document?.paths[DRY_RUN]?.post?.['x-commands'] ?? {};
}

/** May operators act here? */
export function hasVerbs(document: ApiDocument | undefined): boolean {
  return document?.paths[A_VERB] !== undefined;
}
