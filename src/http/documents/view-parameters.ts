import type { View } from '../../projection/view.js';
import type { ColumnType } from '../../store/column-type.js';
import { columnsOf, filterNames } from '../domain/view-query.js';
import type { JsonSchema } from './json-schema.js';
import { type InQuery, inQuery } from './parameters.js';
import { WHOLE } from './shapes.js';

const COLUMN_SCHEMAS: Readonly<Record<ColumnType, JsonSchema>> = {
  text: { type: 'string' },
  integer: { type: 'integer', format: 'int32' },
  bigint: { type: 'integer', format: 'int64' },
  numeric: { type: 'string', description: 'A decimal' },
  boolean: { type: 'boolean' },
  timestamptz: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
};

/** Read your writes, for whoever holds a receipt. */
export const AT_POSITION = inQuery('atPosition', WHOLE, 'Waits until it has handled this position');

/** What documents of a view can be found by. */
export function findParameters(view: View): readonly InQuery[] {
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
    AT_POSITION,
  ];
}

function filterSchema(type: ColumnType, operator: string): JsonSchema {
  if (operator === 'isNull') return { type: 'boolean' };
  return operator === 'in' ? { type: 'array', items: COLUMN_SCHEMAS[type] } : COLUMN_SCHEMAS[type];
}
