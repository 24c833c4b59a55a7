import { pageOf } from '../http/documents/aggregate-paths.js';
import { SchemaBook } from '../http/documents/json-schema.js';
import { TEXT } from '../http/documents/shapes.js';
import { AT_POSITION, findParameters } from '../http/documents/view-parameters.js';
import type { View } from '../projection/view.js';
import type { Allowed } from './allowed.js';
import { propertiesOf, queryOf } from './query-arguments.js';
import { alone, onlyThese, READS, type Tool, textOf, toolName } from './tool.js';

const book = new SchemaBook('draft-2020-12', () => undefined);

/** Many documents by their columns, one by its key, for each view that is allowed. */
export function viewTools({ views }: Allowed): readonly Tool[] {
  return views.flatMap((view) => [findTool(view), getTool(view)]);
}

function foundIn(view: View) {
  const document = { description: 'A document', examples: [JSON.parse(view.initial) as unknown] };
  return { type: 'object', required: ['key', 'document'], properties: { key: TEXT, document } };
}

function findTool(view: View): Tool {
  const { name } = view;
  const properties = propertiesOf(findParameters(view));
  return {
    listed: {
      name: toolName('find', name),
      title: `Documents of ${name}`,
      description: `Documents of the view ${name}, a page of them: filtered by columns, sorted.`,
      inputSchema: alone({ additionalProperties: false, properties }, book),
      outputSchema: alone(pageOf(foundIn(view), TEXT), book),
      annotations: READS,
    },
    toQuestion(given) {
      onlyThese(given, Object.keys(properties));
      return { method: 'GET', path: ['api', 'views', name], query: queryOf(given) };
    },
  };
}

function getTool(view: View): Tool {
  const { name } = view;
  const key = { type: 'string', minLength: 1, description: 'Of the document' };
  const properties = { key, ...propertiesOf([AT_POSITION]) };
  return {
    listed: {
      name: toolName('get', name),
      title: `A document of ${name}`,
      description: `The document of the view ${name} that has a key.`,
      inputSchema: alone({ additionalProperties: false, required: ['key'], properties }, book),
      outputSchema: alone(foundIn(view), book),
      annotations: READS,
    },
    toQuestion(given) {
      onlyThese(given, Object.keys(properties));
      const { key: _, ...query } = given;
      const path = ['api', 'views', name, textOf(given, 'key')];
      return { method: 'GET', path, query: queryOf(query) };
    },
  };
}
