import type { InQuery } from '../http/documents/parameters.js';
import type { Question } from '../http/mcp-mount.js';
import { type Arguments, invalidArguments } from './tool.js';

/** Parameters of a query as properties of arguments. */
export function propertiesOf(parameters: readonly InQuery[]): Record<string, object> {
  return Object.fromEntries(
    parameters.map(({ name, schema, description }) => [name, { ...schema, description }]),
  );
}

/** Arguments as a query: a list is a parameter that is repeated. The route checks the rest. */
export function queryOf(given: Arguments): NonNullable<Question['query']> {
  return Object.entries(given).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, plainText(name, one)] as const),
  );
}

function plainText(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return String(value).toWellFormed();
  throw invalidArguments([{ pointer: `/${name}`, message: 'expected a text, a number or a list' }]);
}
