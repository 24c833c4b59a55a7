import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { JsonSchema, SchemaBook } from './json-schema.js';

/** References to the schemas of one aggregate. */
export interface AggregateSchemas {
  /** Data of each command, as it is sent. */
  readonly commands: ReadonlyMap<string, JsonSchema>;
  /** Data of each event, as it leaves. */
  readonly events: ReadonlyMap<string, JsonSchema>;
  readonly state: JsonSchema;
  readonly receipt: JsonSchema;
  /** An event of the audit log. */
  readonly recorded: JsonSchema;
}

const POSITIVE = { type: 'integer', minimum: 1 };
const WHOLE = { type: 'integer', minimum: 0 };

/** Puts the schemas of an aggregate into a book. */
export function schemasOf(definition: Aggregate, book: SchemaBook): AggregateSchemas {
  const { name } = definition;
  const commands = new Map(
    Object.entries(definition.commands).map(([type, { schema }]) => [
      type,
      book.add(`${name}.command.${type}`, schema, 'input'),
    ]),
  );
  const events = eventSchemas(definition, book);
  const state = book.put(`${name}.state`, stateSchema(definition, book));
  return {
    ...{ commands, events, state },
    receipt: book.put(`${name}.receipt`, receiptSchema(definition, events, state)),
    recorded: book.put(`${name}.recordedEvent`, recordedSchema(definition, events)),
  };
}

/** References to the schemas of data of events, as they leave. */
export function eventSchemas(
  { name, codecs }: Aggregate,
  book: SchemaBook,
): ReadonlyMap<string, JsonSchema> {
  return new Map(
    [...codecs.values()].map(({ type, schema, encode }) => [
      type,
      encode
        ? book.put(`${name}.event.${type}`, { description: 'As its encode function makes it' })
        : book.add(`${name}.event.${type}`, schema, 'output'),
    ]),
  );
}

/** Without a schema, the state's first value tells its form. */
function stateSchema(
  { name, stateSchema: schema, initialState }: Aggregate,
  book: SchemaBook,
): JsonSchema {
  const description = `State of ${name}`;
  if (!schema) return { description, examples: [initialState] };
  return { description, allOf: [book.add(`${name}.stateSchema`, schema, 'output')] };
}

/** The receipt of a command; `state` where it can be asked for. */
export function receiptSchema(
  { name }: Aggregate,
  events: ReadonlyMap<string, JsonSchema>,
  state?: JsonSchema,
): JsonSchema {
  const properties = {
    aggregate: { const: name },
    id: { type: 'string' },
    commandId: { type: 'string' },
    version: {
      ...WHOLE,
      description: 'Of the stream after the command; unchanged if it did nothing',
    },
    position: WHOLE,
    deduplicated: { type: 'boolean', description: 'The key had been used: the first outcome' },
    events: {
      type: 'array',
      items: oneOfEvents(events, { version: POSITIVE, position: POSITIVE }),
    },
  };
  const waited = { enum: ['done', 'timedOut', 'parked', 'failed'] };
  return {
    type: 'object',
    description: 'Proof that the command is stored',
    required: Object.keys(properties),
    properties: {
      ...properties,
      ...(state && { state: { ...state, description: 'With `?state=true`' } }),
      waited: { type: 'object', additionalProperties: waited, description: 'With `waitFor`' },
    },
  };
}

function recordedSchema({ name }: Aggregate, events: ReadonlyMap<string, JsonSchema>): JsonSchema {
  return oneOfEvents(events, {
    eventId: { type: 'string' },
    aggregate: { const: name },
    id: { type: 'string' },
    version: POSITIVE,
    position: POSITIVE,
    commandId: { type: 'string' },
    metadata: { type: 'object' },
    occurredAt: { type: 'string', format: 'date-time' },
    recordedAt: { type: 'string', format: 'date-time' },
  });
}

function oneOfEvents(events: ReadonlyMap<string, JsonSchema>, rest: JsonSchema): JsonSchema {
  const each = [...events].map(([type, data]) => ({
    type: 'object',
    required: ['type', 'data', ...Object.keys(rest)],
    properties: { type: { const: type }, data, ...rest },
  }));
  return each.length === 0 ? { type: 'object' } : { oneOf: each };
}
