import { good } from './aggregate-paths.js';
import { bodySchema, INSPECTION, type InspectionOperation } from './inspection-operations.js';
import { inspectionSchemas } from './inspection-schemas.js';
import type { JsonSchema, SchemaBook } from './json-schema.js';
import { frameSchema } from './live-frames.js';
import { inPath, inQuery } from './parameters.js';
import { COMMON, responsesOf, runtimeErrors } from './responses.js';
import { listOf, shape, TEXT, WHOLE } from './shapes.js';

const LIMIT = { type: 'integer', minimum: 1, maximum: 1000, default: 100 };
const OF_BODIES = ['InvalidBody', 'BodyTooLarge', 'UnsupportedMediaType'];

/** What the paths depend on. */
export interface InspectionPathSetup {
  /** Are there those of what operators do? */
  readonly verbs: boolean;
  /** Schemas of the data of commands, by aggregate and type. */
  readonly commands: object;
}

/** The paths of the inspection. */
export function inspectionPaths(
  book: SchemaBook,
  { verbs, commands }: InspectionPathSetup,
): Record<string, object> {
  const schemaOf = inspectionSchemas(book);
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of INSPECTION) {
    if (operation.isVerb && !verbs) continue;
    const [method = '', path = ''] = operation.route.split(' ');
    const template = path.replaceAll(/:(\w+)/g, '{$1}');
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
    paths[template] = {
      ...paths[template],
      ...(names.length > 0 && {
        parameters: names.map((name) => inPath(name, `${name}, percent-encoded`)),
      }),
      [method.toLowerCase()]: {
        ...toOperation(operation, schemaOf),
        // A form for a dry run is made of these, also where commands are off.
        ...(path.endsWith('/dry-run') && { 'x-commands': commands }),
      },
    };
  }
  return paths;
}

function toOperation(
  operation: InspectionOperation,
  schemaOf: (name: string) => JsonSchema,
): object {
  const { route, summary, body, errors = [], isVerb } = operation;
  const codes = ['InvalidQuery', 'StoreUnavailable', ...errors];
  const all = [...codes, ...(body ? OF_BODIES : []), ...(isVerb ? ['VerbsOff'] : [])];
  const content = { 'application/json': { schema: bodySchema(operation) } };
  return {
    operationId: `inspect.${route.replaceAll(/[^A-Za-z]+/g, '.').toLowerCase()}`,
    ...{ tags: ['inspection'], summary, parameters: parametersOf(operation) },
    ...(body && { requestBody: { required: true, content } }),
    responses: responsesOf({ 200: answerOf(operation, schemaOf) }, [
      ...COMMON,
      ...runtimeErrors(...all),
    ]),
  };
}

function parametersOf({ query = {}, paged, frames }: InspectionOperation): readonly object[] {
  const last = {
    ...{ name: 'Last-Event-ID', in: 'header', schema: TEXT },
    description: 'The position after which it goes on; sent by who comes again',
  };
  return [
    ...Object.entries(query).map(([name, schema]) => inQuery(name, schema, name)),
    ...(paged
      ? [
          inQuery('after', paged === 'text' ? TEXT : WHOLE, '`next` of the page before'),
          inQuery('limit', LIMIT, 'Items at most'),
        ]
      : []),
    ...(frames && 'after' in query ? [last] : []),
  ];
}

function answerOf(
  { summary, answer = '', isPage, paged, more = {}, frames }: InspectionOperation,
  schemaOf: (name: string) => JsonSchema,
): object {
  if (frames) {
    const content = { 'text/event-stream': { schema: frameSchema(frames, schemaOf) } };
    return { description: 'Server-sent events, for as long as it is listened', content };
  }
  if (!isPage) return good(summary, schemaOf(answer));
  const next = paged === 'text' ? TEXT : WHOLE;
  return good(summary, shape({ items: listOf(schemaOf(answer)), 'next?': next, ...more }));
}
