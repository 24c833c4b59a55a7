import type { StandardSchemaV1 } from '@standard-schema/spec';

/** What a schema said: the parsed value, or the issues as `path: message`. */
export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly ValidationIssue[] };

export interface ValidationIssue {
  /** Keys from the root, joined by dots; empty for the value itself. */
  readonly path: string;
  /** The same as a JSON Pointer (RFC 6901), which no key makes ambiguous. */
  readonly pointer: string;
  readonly message: string;
}

/** Runs a Standard Schema. An async schema is a mistake of the definition and throws. */
export function validate(schema: StandardSchemaV1, value: unknown): Validated {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise)
    throw new TypeError('async schemas are not supported for commands and events');
  if (!result.issues) return { ok: true, value: result.value };
  return {
    ok: false,
    issues: result.issues.map((issue) => {
      const keys = keysOf(issue);
      return { path: keys.join('.'), pointer: pointerOf(keys), message: issue.message };
    }),
  };
}

/** One line for people: `amount: expected a number; owner: required`. */
export function describeIssues(issues: readonly ValidationIssue[]): string {
  return issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
}

function keysOf(issue: StandardSchemaV1.Issue): readonly string[] {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
}

function pointerOf(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
