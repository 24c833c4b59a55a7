import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { View } from '../../projection/view.js';
import type { ColumnType } from '../../store/column-type.js';
import { columnsOf, filterNames } from '../domain/view-query.js';
import type { ResolvedHttp } from '../http-options.js';
import type { RuntimeView } from '../runtime-view.js';
import { aggregatePaths, good, pageOf } from './aggregate-paths.js';
import { type AggregateSchemas, schemasOf } from './aggregate-schemas.js';
import { inspectionPaths } from './inspection-paths.js';
import { type JsonSchema, SchemaBook } from './json-schema.js';
import { inPath, inQuery } from './parameters.js';
import { COMMON, PROBLEM_SCHEMA, responsesOf, runtimeErrors } from './responses.js';

const COLUMN_SCHEMAS: Readonly<Record<ColumnType, JsonSchema>> = {
  text: { type: 'string' },
  integer: { type: 'integer', format: 'int32' },
  bigint: { type: 'integer', format: 'int64' },
  numeric: { type: 'string', description: 'A decimal' },
  boolean: { type: 'boolean' },
  timestamptz: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
};
const WHOLE = { type: 'integer', minimum: 0 };

/** The OpenAPI 3.1 document of a runtime mounted at `base`. */
export function openApiOf(
  { definitions }: RuntimeView,
  options: ResolvedHttp,
  base: string,
): object {
  const book = new SchemaBook('draft-2020-12', options.jsonSchema);
  book.put('Problem', PROBLEM_SCHEMA);
  const { commands, requireIdempotencyKey, authorize } = options;
  const views = [...definitions.views.values()];
  const setup = { book, commands, requireIdempotencyKey, views: views.map(({ name }) => name) };
  const aggregates = [...definitions.aggregates.values()].map((definition) => ({
    definition,
    schemas: schemasOf(definition, book),
  }));
  const paths = Object.assign(
    {},
    ...aggregates.map(({ definition, schemas }) => aggregatePaths(definition, schemas, setup)),
    ...views.map((view) => viewPaths(view, book)),
    commands ? outcomePath() : {},
    inspectionPaths(book, { verbs: options.verbs, commands: commandsOf(aggregates) }),
    healthPaths(),
  ) as object;
  return {
    openapi: '3.1.0',
    info: options.info,
    servers: [{ url: base === '' ? '/' : base }],
    ...(authorize && { security: [{ bearer: [] }] }),
    paths,
    components: {
      schemas: book.schemas,
      ...(authorize && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

/** Schemas of the data of all commands, by aggregate and type: what can be tried in a dry run. */
function commandsOf(
  aggregates: readonly { readonly definition: Aggregate; readonly schemas: AggregateSchemas }[],
): object {
  const each = aggregates.map(({ definition: { name }, schemas: { commands } }) => [
    name,
    Object.fromEntries(commands),
  ]);
  return Object.fromEntries(each) as object;
}

function viewPaths(view: View, book: SchemaBook): Record<string, object> {
  const { name } = view;
  const document = book.put(`view.${name}`, {
    description: `A document of view ${name}`,
    examples: [JSON.parse(view.initial) as unknown],
  });
  const found = {
    type: 'object',
    required: ['key', 'document'],
    properties: { key: { type: 'string' }, document },
  };
  const root = `/api/views/${encodeURIComponent(name)}`;
  const errors = [...COMMON, ...runtimeErrors('InvalidQuery', 'ViewNotReady', 'StoreUnavailable')];
  const atPosition = inQuery('atPosition', WHOLE, 'Waits until it has handled this position');
  return {
    [root]: {
      get: {
        ...{ operationId: `view.${name}.find`, tags: ['views'], summary: `Documents of ${name}` },
        parameters: [...findParameters(view), atPosition],
        responses: responsesOf({ 200: good('A page', pageOf(found, { type: 'string' })) }, errors),
      },
    },
    [`${root}/{key}`]: {
      parameters: [inPath('key', 'Key of the document, percent-encoded')],
      get: {
        ...{ operationId: `view.${name}.get`, tags: ['views'], summary: `A document of ${name}` },
        parameters: [atPosition],
        responses: responsesOf({ 200: good('The document', found) }, [
          ...errors,
          ...runtimeErrors('NoDocument'),
        ]),
      },
    },
  };
}

function findParameters(view: View): readonly object[] {
  const columns = columnsOf(view);
  const filters = columns.flatMap((column) =>
    filterNames(column).map((name) => {
      const operator = name.slice(column.name.length + 1) || 'eq';
      return inQuery(name, filterSchema(column.type, operator), `${column.name}: ${operator}`);
    }),
  );
  return [
    ...filters,
    inQuery(
      'sort',
      { type: 'string' },
      `Columns, with - from the highest: ${columns.map((column) => column.name).join(', ')}`,
    ),
    inQuery('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }, 'Documents'),
    inQuery('after', { type: 'string' }, '`next` of the page before, with the same sort'),
  ];
}

function filterSchema(type: ColumnType, operator: string): JsonSchema {
  if (operator === 'isNull') return { type: 'boolean' };
  return operator === 'in' ? { type: 'array', items: COLUMN_SCHEMAS[type] } : COLUMN_SCHEMAS[type];
}

function outcomePath(): Record<string, object> {
  const outcome = {
    type: 'object',
    required: ['commandId', 'aggregate', 'id', 'outcome'],
    properties: {
      commandId: { type: 'string' },
      aggregate: { type: 'string' },
      id: { type: 'string' },
      outcome: { enum: ['accepted', 'rejected', 'notExecuted'] },
      version: WHOLE,
      position: WHOLE,
      rejection: { type: 'object' },
    },
  };
  return {
    '/api/commands/{commandId}': {
      parameters: [inPath('commandId', 'Of an answer 504')],
      get: {
        ...{ operationId: 'outcome', tags: ['commands'] },
        summary: 'What became of a command that was answered 504; the answer is final',
        responses: responsesOf({ 200: good('The outcome', outcome) }, [
          ...COMMON,
          ...runtimeErrors('UnknownOutcome', 'StoreUnavailable'),
        ]),
      },
    },
  };
}

function healthPaths(): Record<string, object> {
  const status = {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string' } },
  };
  const refused = runtimeErrors('Unauthenticated', 'Forbidden');
  const health = (name: string, summary: string, more: object): object => ({
    get: {
      ...{ operationId: `health.${name}`, tags: ['operations'], summary },
      responses: responsesOf({ 200: good('Yes', status), ...more }, refused),
    },
  });
  const text = { 'text/plain': { schema: { type: 'string' } } };
  return {
    '/health/live': health('live', 'Does the process answer?', {}),
    '/health/ready': health('ready', 'Does it take commands?', { 503: good('No', status) }),
    '/metrics': {
      get: {
        ...{ operationId: 'metrics', tags: ['operations'], summary: 'Figures for Prometheus' },
        responses: responsesOf({ 200: { description: 'Figures', content: text } }, refused),
      },
    },
  };
}
