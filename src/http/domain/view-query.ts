import type { View } from '../../projection/view.js';
import type { FindOptions } from '../../projection/view-query.js';
import type { ColumnType } from '../../store/column-type.js';
import { invalidQuery, onlyKnown, wholeOf } from '../query-values.js';

/** What of a query is not a condition. */
export const RESERVED = ['sort', 'limit', 'after', 'atPosition'];
const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'isNull', 'prefix'];
const MAX_LIMIT = 1000;

/** A column that may be filtered by. */
export interface FilterColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** The columns of a view, with its key. */
export function columnsOf(view: View): readonly FilterColumn[] {
  return [{ name: 'key', type: 'text' }, ...view.columns.map(({ name, type }) => ({ name, type }))];
}

/** Names of all parameters that filter by a column: `owner`, `owner.ne`, ... */
export function filterNames({ name, type }: FilterColumn): readonly string[] {
  const operators = OPERATORS.filter((one) => one !== 'prefix' || type === 'text');
  // One that is called as a parameter of ours is filtered by `limit.eq`.
  return [...(RESERVED.includes(name) ? [] : [name]), ...operators.map((one) => `${name}.${one}`)];
}

/**
 * Reads `?owner=mia&cents.gte=100&sort=-cents,owner&limit=20&after=...`. Throws 400 for what is not known or
 * not of the column's type; the rest is checked by `find`.
 */
export function toFindOptions(view: View, query: URLSearchParams): FindOptions<unknown> {
  const columns = columnsOf(view);
  onlyKnown(query, [...RESERVED, ...columns.flatMap(filterNames)]);
  const after = query.get('after');
  return {
    where: toWhere(columns, query),
    orderBy: toOrder(query.get('sort')),
    limit: wholeOf(query, 'limit', { least: 1, most: MAX_LIMIT, fallback: 100 }),
    ...(after !== null && { after }),
  } as FindOptions<unknown>;
}

function toWhere(columns: readonly FilterColumn[], query: URLSearchParams): object {
  const conditions = columns.map((column) => {
    const given = filterNames(column).flatMap((name) => {
      const values = query.getAll(name);
      const operator = name === column.name ? 'eq' : name.slice(column.name.length + 1);
      if (values.length === 0) return [];
      return [[operator, conditionOf(column, name, operator, values)] as const];
    });
    return [column.name, Object.fromEntries(given)] as const;
  });
  return Object.fromEntries(conditions.filter(([, given]) => Object.keys(given).length > 0));
}

function conditionOf(
  { type }: FilterColumn,
  name: string,
  operator: string,
  values: readonly string[],
): unknown {
  if (operator === 'in')
    return values.flatMap((one) => one.split(',')).map((one) => typed(type, name, one));
  const [value = '', ...others] = values;
  if (others.length > 0) throw invalidQuery(name, 'it once', values.join('&'));
  return operator === 'isNull' ? typed('boolean', name, value) : typed(type, name, value);
}

function typed(type: ColumnType, name: string, text: string): unknown {
  switch (type) {
    case 'integer':
    case 'bigint':
      if (!/^-?\d{1,19}$/.test(text)) throw invalidQuery(name, 'a whole number', text);
      return type === 'bigint' ? BigInt(text) : Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw invalidQuery(name, 'true or false', text);
      return text === 'true';
    default:
      return text;
  }
}

/** `-cents,owner`: from the highest, then by owner. */
function toOrder(sort: string | null): Readonly<Record<string, 'asc' | 'desc'>> {
  if (sort === null) return {};
  const order = sort
    .split(',')
    .map((name) => (name.startsWith('-') ? [name.slice(1), 'desc'] : [name, 'asc']));
  return Object.fromEntries(order) as Record<string, 'asc' | 'desc'>;
}
