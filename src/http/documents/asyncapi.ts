import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { ResolvedHttp } from '../http-options.js';
import type { RuntimeView } from '../runtime-view.js';
import { type JsonSchema, SchemaBook } from './json-schema.js';

/**
 * The AsyncAPI 3 document of the events that a runtime makes: one channel per aggregate, one message per
 * event, in the form that the audit log has.
 */
export function asyncApiOf(
  { definitions }: RuntimeView,
  { info, jsonSchema }: ResolvedHttp,
): object {
  const book = new SchemaBook('draft-07', jsonSchema);
  const names = new Names();
  const channels: Record<string, object> = {};
  const operations: Record<string, object> = {};
  for (const definition of definitions.aggregates.values()) {
    const key = names.free(definition.name);
    channels[key] = channelOf(definition, book);
    operations[`publish.${key}`] = {
      action: 'send',
      channel: { $ref: `#/channels/${key}` },
      summary: `Events of ${definition.name}, in the order of their versions`,
    };
  }
  return {
    asyncapi: '3.0.0',
    info: { ...info, description: 'Events, as they are recorded' },
    defaultContentType: 'application/json',
    ...{ channels, operations },
    components: { schemas: book.schemas },
  };
}

function channelOf(definition: Aggregate, book: SchemaBook): object {
  const names = new Names();
  const messages = [...definition.codecs.values()].map((codec) => {
    const name = `${definition.name}.${codec.type}`;
    const data = codec.encode
      ? book.put(name, { description: 'As its encode function makes it' })
      : book.add(name, codec.schema, 'output');
    const payload = recorded(definition, codec.type, data);
    return [names.free(codec.type), { name: codec.type, title: codec.type, payload }] as const;
  });
  return {
    address: `/api/${encodeURIComponent(definition.name)}/{id}/events`,
    description: `Events of one ${definition.name}`,
    parameters: { id: { description: 'Id of the instance' } },
    messages: Object.fromEntries(messages),
  };
}

function recorded({ name }: Aggregate, type: string, data: JsonSchema): JsonSchema {
  const text = { type: 'string' };
  const instant = { type: 'string', format: 'date-time' };
  const whole = { type: 'integer', minimum: 1 };
  const properties = {
    ...{ eventId: text, aggregate: { const: name }, id: text, version: whole, position: whole },
    ...{ type: { const: type }, data, commandId: text, metadata: { type: 'object' } },
    ...{ occurredAt: instant, recordedAt: instant },
  };
  return { type: 'object', required: Object.keys(properties), properties };
}

/** Keys that a document may have, each once. */
class Names {
  private readonly used = new Set<string>();

  free(name: string): string {
    const key = name.replaceAll(/[^A-Za-z0-9_-]/g, '_');
    let free = key;
    for (let n = 2; this.used.has(free); n++) free = `${key}_${n}`;
    this.used.add(free);
    return free;
  }
}
