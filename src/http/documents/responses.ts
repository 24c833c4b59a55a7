import { STATUS_CODES } from 'node:http';
import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { ErrorSpec } from '../../aggregate/domain-errors.js';
import { PROBLEMS } from '../problem-status.js';
import type { JsonSchema, SchemaBook } from './json-schema.js';

/** The schema of each answer that is an error. */
export const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'An error, as RFC 9457 has it',
  required: ['type', 'title', 'status', 'detail', 'code', 'domain', 'internalCode', 'traceId'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'For people' },
    code: { type: 'string', description: 'For programs' },
    domain: { type: 'string', description: 'Whose rule it is; troupe for those of no aggregate' },
    internalCode: { type: 'integer' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the body' },
          message: { type: 'string' },
        },
      },
    },
    details: { type: 'object' },
    traceId: { type: 'string' },
    commandId: { type: 'string', description: 'Of a command whose outcome is unknown' },
    resolve: { type: 'string', description: 'Where its outcome can be asked for' },
  },
};

/** An error that an operation may answer. */
export interface DocumentedError {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly example?: object;
}

/** Errors of the runtime by their codes. */
export function runtimeErrors(...codes: readonly string[]): readonly DocumentedError[] {
  return codes.map((code) => {
    const { status = 500, title = code } = PROBLEMS.get(code) ?? {};
    return { status, code, title };
  });
}

/** What any operation may answer. */
export const COMMON = runtimeErrors('InvalidPath', 'Unauthenticated', 'Forbidden', 'InternalError');

/** Answers by status: what goes well, and the errors. */
export function responsesOf(
  good: Readonly<Record<string, object>>,
  errors: readonly DocumentedError[],
): object {
  const answers = [...byStatus(errors)].map(([status, ofStatus]) => [
    status,
    problemAnswer(ofStatus),
  ]);
  return { ...good, ...(Object.fromEntries(answers) as object) };
}

function byStatus(errors: readonly DocumentedError[]): Map<number, DocumentedError[]> {
  const groups = new Map<number, DocumentedError[]>();
  for (const error of errors)
    groups.set(error.status, [...(groups.get(error.status) ?? []), error]);
  return groups;
}

function problemAnswer(errors: readonly DocumentedError[]): object {
  const examples = errors.flatMap(({ code, title, example }) =>
    example ? [[code, { summary: title, value: example }] as const] : [],
  );
  return {
    description: errors.map(({ code, title }) => `\`${code}\`: ${title}`).join('; '),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
      },
    },
  };
}

/** The rejections that an aggregate declares, with examples, and those that each has. */
export function rejectionsOf(definition: Aggregate, book: SchemaBook): readonly DocumentedError[] {
  const prefix = definition.prefix?.code;
  const full = (code: string): string => (prefix ? `${prefix}_${code}` : code);
  const declared = Object.entries(definition.errors).map(([shortCode, spec]) =>
    documented(definition, spec, { code: full(shortCode), book }),
  );
  return [
    ...declared,
    { status: 404, code: full('NOT_FOUND'), title: 'There is no such instance' },
    { status: 409, code: full('ALREADY_EXISTS'), title: 'The instance exists already' },
  ];
}

function documented(
  definition: Aggregate,
  spec: ErrorSpec,
  { code, book }: { readonly code: string; readonly book: SchemaBook },
): DocumentedError {
  const status = spec.status ?? 400;
  const title = STATUS_CODES[status] ?? 'Rejected';
  const details = spec.details ? book.exampleOf(spec.details) : {};
  const message = messageOf(spec, details);
  return {
    ...{ status, code, title: message ?? code },
    ...(details !== undefined &&
      message !== undefined && {
        example: {
          type: `urn:troupe:problem:${encodeURIComponent(code)}`,
          ...{ title, status, detail: message, code },
          domain: definition.prefix?.code ?? definition.name,
          internalCode: (definition.prefix?.number ?? 0) * 1000 + spec.number,
          details,
          traceId: '0af7651916cd43dd8448eb211c80319c',
        },
      }),
  };
}

/** It is the domain's own function, and the example is ours. */
function messageOf({ message }: ErrorSpec, details: unknown): string | undefined {
  if (typeof message === 'string') return message;
  try {
    return details === undefined ? undefined : String(message(details as never));
  } catch {
    return undefined;
  }
}
