import type { Aggregate } from '../aggregate/define-aggregate.js';
import { pageOf } from '../http/documents/aggregate-paths.js';
import { SchemaBook } from '../http/documents/json-schema.js';
import { ofEvents } from '../http/documents/parameters.js';
import { TEXT, WHOLE } from '../http/documents/shapes.js';
import type { Allowed } from './allowed.js';
import { propertiesOf, queryOf } from './query-arguments.js';
import { alone, onlyThese, READS, type Tool, textOf, toolName } from './tool.js';

const book = new SchemaBook('draft-2020-12', () => undefined);
const ID = { type: 'string', minLength: 1, description: 'Of the instance' };

/** The state and the events of instances, for each aggregate that is allowed. */
export function streamTools({ streams }: Allowed): readonly Tool[] {
  return streams.flatMap((definition) => [stateTool(definition), eventsTool(definition)]);
}

/** No schema is run on a state: nothing is promised of its form. */
function stateTool({ name, initialState }: Aggregate): Tool {
  const properties = {
    ...{ aggregate: { const: name }, id: TEXT, version: WHOLE, position: WHOLE },
    state: { description: `State of ${name}`, examples: [initialState] },
  };
  return {
    listed: {
      name: toolName('read', name),
      title: `State of ${name}`,
      description: `The committed state of one ${name}, and its version.`,
      inputSchema: alone(
        { additionalProperties: false, required: ['id'], properties: { id: ID } },
        book,
      ),
      outputSchema: alone({ required: Object.keys(properties), properties }, book),
      annotations: READS,
    },
    toQuestion(given) {
      onlyThese(given, ['id']);
      return { method: 'GET', path: ['api', name, textOf(given, 'id')] };
    },
  };
}

function eventsTool({ name, codecs }: Aggregate): Tool {
  const types = [...codecs.values()].map(({ type }) => type);
  const properties = { id: ID, ...propertiesOf(ofEvents(types)) };
  const event = {
    ...{ type: 'object', required: ['type', 'data', 'version', 'position', 'occurredAt'] },
    properties: { type: TEXT, data: {}, version: WHOLE, position: WHOLE, occurredAt: TEXT },
  };
  return {
    listed: {
      name: toolName('read', name, 'events'),
      title: `Events of ${name}`,
      description: `What happened to one ${name}, oldest first: data, time and metadata of each event.`,
      inputSchema: alone({ additionalProperties: false, required: ['id'], properties }, book),
      outputSchema: alone(pageOf(event, WHOLE), book),
      annotations: READS,
    },
    toQuestion(given) {
      onlyThese(given, Object.keys(properties));
      const { id: _, ...query } = given;
      const path = ['api', name, textOf(given, 'id'), 'events'];
      return { method: 'GET', path, query: queryOf(query) };
    },
  };
}
