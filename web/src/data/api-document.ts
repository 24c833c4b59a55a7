import type { Schema } from './json-schema.js';
import { token } from './session.js';
import { type Query, useQuery } from './use-query.js';

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

/** It does not change while the server runs, and is long: it is asked for once. */
let kept: ApiDocument | undefined;
token.watch(() => {
  kept = undefined;
});

/** What the server says of itself. */
export function useApiDocument(): Query<ApiDocument> {
  const asked = useQuery<ApiDocument>(kept ? undefined : '/openapi.json');
  kept ??= asked.data;
  return { ...asked, data: kept, isLoading: asked.isLoading && kept === undefined };
}

/** Commands of each aggregate, with the schema of their data. */
export function commandsIn(document: ApiDocument | undefined) {
  return document?.paths[DRY_RUN]?.post?.['x-commands'] ?? {};
}

/** May operators act here? */
export function hasVerbs(document: ApiDocument | undefined): boolean {
  return document?.paths[A_VERB] !== undefined;
}
