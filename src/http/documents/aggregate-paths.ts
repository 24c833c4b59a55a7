import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { AggregateSchemas } from './aggregate-schemas.js';
import type { JsonSchema, SchemaBook } from './json-schema.js';
import { inPath, inQuery, ofCommands } from './parameters.js';
import { COMMON, rejectionsOf, responsesOf, runtimeErrors } from './responses.js';

/** What the paths of a document are made of. */
export interface PathSetup {
  readonly book: SchemaBook;
  readonly commands: boolean;
  readonly requireIdempotencyKey: boolean;
  readonly views: readonly string[];
}

const ETAG = { etag: { description: 'The version', schema: { type: 'string' } } };
const WHOLE = { type: 'integer', minimum: 0 };
const INSTANT = { type: 'string', format: 'date-time' };

const READ_ERRORS = [
  ...COMMON,
  ...runtimeErrors('InvalidId', 'StreamUnreadable', 'Overloaded', 'Unavailable', 'Stopping'),
  ...runtimeErrors('Quarantined'),
];
const COMMAND_ERRORS = [
  ...READ_ERRORS,
  ...runtimeErrors('InvalidBody', 'InvalidHeader', 'InvalidQuery', 'CommandsOff'),
  ...runtimeErrors('UnknownCommand', 'VersionConflict', 'PreconditionFailed', 'BodyTooLarge'),
  ...runtimeErrors('UnsupportedMediaType', 'InvalidCommand', 'KeyReused', 'CommandFailed'),
  ...runtimeErrors('NotOwner', 'DeadlineExceeded', 'Contended', 'OutcomeUnknown'),
];

/** All paths of one aggregate. */
export function aggregatePaths(
  definition: Aggregate,
  schemas: AggregateSchemas,
  setup: PathSetup,
): Record<string, object> {
  const root = `/api/${encodeURIComponent(definition.name)}`;
  const context = { definition, schemas, setup };
  const types = setup.commands ? Object.keys(definition.commands) : [];
  const creating = types.filter((type) => definition.commands[type]?.kind !== 'existing');
  return {
    ...(creating.length > 0 && { [root]: { post: createOperation(context, creating) } }),
    [`${root}/{id}`]: { parameters: [ID], get: stateOperation(context) },
    [`${root}/{id}/events`]: { parameters: [ID], get: eventsOperation(context) },
    ...Object.fromEntries(
      types.map((type) => [
        `${root}/{id}/${encodeURIComponent(type)}`,
        { parameters: [ID], post: commandOperation(context, type) },
      ]),
    ),
  };
}

const ID = inPath('id', 'Id of the instance, percent-encoded');

interface PathContext {
  readonly definition: Aggregate;
  readonly schemas: AggregateSchemas;
  readonly setup: PathSetup;
}

function createOperation(
  { definition, schemas, setup }: PathContext,
  types: readonly string[],
): object {
  const bodies = types.map((type) => ({
    type: 'object',
    additionalProperties: false,
    required: ['type', 'data'],
    properties: {
      type: { const: type },
      data: schemas.commands.get(type),
      id: { type: 'string', minLength: 1, description: 'Default: derived, or a new one' },
    },
  }));
  const examples = types.flatMap((type) => {
    const data = exampleOf({ definition, setup }, type);
    return data === undefined ? [] : [[type, { value: { type, data } }] as const];
  });
  const location = { location: { description: 'The instance', schema: { type: 'string' } } };
  return {
    ...operation(definition, 'create', `Creates one by ${types.join(' or ')}`),
    parameters: ofCommands(setup.requireIdempotencyKey, setup.views),
    requestBody: body({ oneOf: bodies }, Object.fromEntries(examples) as object),
    responses: responsesOf({ 201: good('Created', schemas.receipt, { ...ETAG, ...location }) }, [
      ...COMMAND_ERRORS,
      ...rejectionsOf(definition, setup.book),
    ]),
  };
}

function commandOperation({ definition, schemas, setup }: PathContext, type: string): object {
  const data = exampleOf({ definition, setup }, type);
  const kind = definition.commands[type]?.kind;
  const where = { create: 'a new one', upsert: 'a new or an existing one', existing: 'one' };
  return {
    ...operation(definition, type, `Sends ${type} to ${where[kind ?? 'existing']}`),
    parameters: ofCommands(setup.requireIdempotencyKey, setup.views),
    requestBody: body(
      schemas.commands.get(type) ?? {},
      data === undefined ? {} : { [type]: { value: data } },
    ),
    responses: responsesOf({ 200: good('Stored', schemas.receipt, ETAG) }, [
      ...COMMAND_ERRORS,
      ...rejectionsOf(definition, setup.book),
    ]),
  };
}

function stateOperation({ definition, schemas, setup }: PathContext): object {
  const properties = {
    aggregate: { const: definition.name },
    id: { type: 'string' },
    version: { type: 'integer', minimum: 1 },
    position: { type: 'integer', minimum: 1 },
    state: schemas.state,
  };
  const answer = { type: 'object', required: Object.keys(properties), properties };
  const unmodified = { description: 'What `If-None-Match` names is still true', headers: ETAG };
  return {
    ...operation(definition, 'state', 'The committed state'),
    responses: responsesOf({ 200: good('The state', answer, ETAG), 304: unmodified }, [
      ...READ_ERRORS,
      ...rejectionsOf(definition, setup.book).filter(({ code }) => code.endsWith('NOT_FOUND')),
    ]),
  };
}

function eventsOperation({ definition, schemas, setup }: PathContext): object {
  const types = { type: 'array', items: { enum: [...schemas.events.keys()] } };
  return {
    ...operation(definition, 'events', 'The audit log: payloads and metadata'),
    parameters: [
      inQuery('after', WHOLE, 'Version after which the page begins: `next` of the page before'),
      inQuery('upTo', WHOLE, 'Last version'),
      inQuery('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }, 'Events'),
      inQuery('type', types, 'Only of these types'),
      inQuery('since', INSTANT, 'Only what happened from then on'),
      inQuery('until', INSTANT, 'Only what happened until then'),
      inQuery('correlationId', { type: 'string' }, 'Only of this conversation'),
    ],
    responses: responsesOf({ 200: good('A page', pageOf(schemas.recorded, WHOLE)) }, [
      ...READ_ERRORS,
      ...runtimeErrors('InvalidQuery'),
      ...rejectionsOf(definition, setup.book).filter(({ code }) => code.endsWith('NOT_FOUND')),
    ]),
  };
}

/** A page, and what the next one begins after. */
export function pageOf(item: JsonSchema, next: object): JsonSchema {
  return {
    type: 'object',
    required: ['items'],
    properties: { items: { type: 'array', items: item }, next },
  };
}

/** An answer that is JSON. */
export function good(description: string, schema: JsonSchema, headers?: object): object {
  return { description, ...(headers && { headers }), content: { 'application/json': { schema } } };
}

function operation({ name }: Aggregate, verb: string, summary: string): object {
  return { operationId: `${name}.${verb}`, tags: [name], summary };
}

function body(schema: JsonSchema, examples: object): object {
  const hasExamples = Object.keys(examples).length > 0;
  const content = { schema, ...(hasExamples && { examples }) };
  return { required: true, content: { 'application/json': content } };
}

function exampleOf(
  { definition, setup }: Pick<PathContext, 'definition' | 'setup'>,
  type: string,
): unknown {
  const schema = definition.commands[type]?.schema;
  return schema && setup.book.exampleOf(schema);
}
