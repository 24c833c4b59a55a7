import { oneOf } from '../internal/nearest.js';
import { TroupeError } from '../messages/errors.js';
import { type ColumnType, columnText, expectedOf } from '../store/column-type.js';
import type {
  ViewColumn,
  ViewOrder,
  ViewQuery,
  ViewShape,
  ViewTest,
} from '../store/view-tables.js';
import { type ColumnValues, shown } from './columns.js';
import { placeOf } from './cursor.js';

/** Conditions on one column; all of them hold. */
export interface Conditions<Type extends ColumnType> {
  readonly eq?: ColumnValues[Type];
  /** Another value, or null. */
  readonly ne?: ColumnValues[Type];
  readonly lt?: ColumnValues[Type];
  readonly lte?: ColumnValues[Type];
  readonly gt?: ColumnValues[Type];
  readonly gte?: ColumnValues[Type];
  /** One of these; at most 1 000. */
  readonly in?: readonly ColumnValues[Type][];
  readonly isNull?: boolean;
  /** Begins with this text; for columns of type text and the key. */
  readonly prefix?: Type extends 'text' ? string : never;
}

/** Conditions by column; a value alone is `eq`. `key` is a column of every view. */
export type Where<Columns> = {
  readonly [Name in keyof Columns | 'key']?: Name extends keyof Columns
    ? Columns[Name] extends ColumnType
      ? ColumnValues[Columns[Name]] | Conditions<Columns[Name]>
      : never
    : string | Conditions<'text'>;
};

/** What `find` takes. */
export interface FindOptions<Columns> {
  /** Default: all documents. */
  readonly where?: Where<Columns>;
  /**
   * Columns by weight: `{ cents: 'desc', owner: 'asc' }`. The key comes last, in the direction of the last
   * one. Null counts as the highest value. Default: by key.
   */
  readonly orderBy?: { readonly [Name in keyof Columns | 'key']?: 'asc' | 'desc' };
  /** Documents per page, at most 1 000. Default 100. */
  readonly limit?: number;
  /** `next` of the page before, with the same `orderBy`. */
  readonly after?: string | undefined;
}

const MAX_LIMIT = 1000;
const MAX_VALUES = 1000;
const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'isNull', 'prefix'] as const;
type Operator = (typeof OPERATORS)[number];

const OPTIONS = ['where', 'orderBy', 'limit', 'after'];
const KEY: ViewColumn = { name: 'key', type: 'text' };

/** Checks a query against the columns that are declared. Throws `InvalidQuery`. */
export function toViewQuery(view: ViewShape, options: FindOptions<unknown> = {}): ViewQuery {
  const unknown = Object.keys(options).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) throw invalidQuery(view, unknown, oneOf(OPTIONS, unknown), unknown);
  const { limit = 100, after } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw invalidQuery(view, 'limit', `a whole number from 1 to ${MAX_LIMIT}`, shown(limit));
  const order = toOrder(view, options.orderBy ?? {});
  const where = toTests(view, options.where);
  if (after === undefined) return { where, order, limit, after };
  const place = placeOf(after, order);
  if (place) return { where, order, limit, after: place };
  throw invalidQuery(view, 'after', '`next` of a page with the same orderBy', shown(after));
}

/** Checks conditions. Throws `InvalidQuery`. */
export function toTests(view: ViewShape, where: unknown = {}): readonly ViewTest[] {
  if (!isPlain(where)) throw invalidQuery(view, 'where', 'an object', shown(where));
  return Object.entries(where).flatMap(([name, given]) => {
    if (given === undefined) return [];
    const column = columnNamed(view, 'where', name);
    const conditions = isPlain(given) ? given : { eq: given };
    return Object.entries(conditions)
      .filter(([, value]) => value !== undefined)
      .map(([operator, value]) => toTest(view, column, operator, value));
  });
}

function toTest(view: ViewShape, column: ViewColumn, operator: string, value: unknown): ViewTest {
  const where = `where.${column.name}`;
  const allowed = OPERATORS.filter((one) => one !== 'prefix' || column.type === 'text');
  if (!allowed.includes(operator as Operator))
    throw invalidQuery(view, where, `an operator: ${oneOf(allowed, operator)}`, operator);
  const field = `${where}.${operator}`;
  const text = (one: unknown): string => {
    const found = columnText(column.type, one);
    if (found !== undefined) return found;
    const advice = one === null ? ' (for null, write { isNull: true })' : '';
    throw invalidQuery(view, field, expectedOf(column.type) + advice, shown(one));
  };
  if (operator === 'isNull') {
    if (typeof value !== 'boolean') throw invalidQuery(view, field, 'true or false', shown(value));
    return { ...column, operator, value };
  }
  if (operator !== 'in')
    return {
      ...column,
      operator: operator as Exclude<Operator, 'in' | 'isNull'>,
      value: text(value),
    };
  if (!Array.isArray(value) || value.length > MAX_VALUES)
    throw invalidQuery(view, field, `a list of at most ${MAX_VALUES} values`, shown(value));
  return { ...column, operator, values: value.map(text) };
}

function toOrder(view: ViewShape, orderBy: object): readonly ViewOrder[] {
  if (!isPlain(orderBy))
    throw invalidQuery(view, 'orderBy', "an object, as { name: 'asc' }", shown(orderBy));
  const order: ViewOrder[] = [];
  for (const [name, direction] of Object.entries(orderBy)) {
    if (direction === undefined) continue;
    const column = columnNamed(view, 'orderBy', name);
    if (direction !== 'asc' && direction !== 'desc')
      throw invalidQuery(view, `orderBy.${name}`, "'asc' or 'desc'", shown(direction));
    order.push({ name: column.name, type: column.type, descending: direction === 'desc' });
    // What comes after the key decides nothing.
    if (name === 'key') return order;
  }
  return [...order, { ...KEY, descending: order.at(-1)?.descending ?? false }];
}

function columnNamed(view: ViewShape, where: string, name: string): ViewColumn {
  const columns = [KEY, ...view.columns];
  const column = columns.find((one) => one.name === name);
  if (column) return { name: column.name, type: column.type };
  const names = columns.map((one) => one.name);
  throw invalidQuery(view, where, `a column: ${oneOf(names, name)}`, shown(name));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function invalidQuery(
  view: ViewShape,
  field: string,
  expected: string,
  given: string,
): TroupeError {
  return new TroupeError(
    'InvalidQuery',
    `View ${view.name}: ${field}: expected ${expected}, got ${given}`,
    { view: view.name, field, expected, given },
  );
}
