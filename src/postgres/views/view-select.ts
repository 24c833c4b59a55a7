import type { ColumnType } from '../../store/column-type.js';
import type {
  ViewColumn,
  ViewOrder,
  ViewQuery,
  ViewShape,
  ViewTest,
} from '../../store/view-tables.js';
import { textArray } from '../binary-array.js';
import { quoted } from '../names.js';
import { tableOf } from './view-names.js';
import type { SqlCall } from './view-rows.js';

/*
 * Names in these texts are those of declared columns, quoted; everything that a caller gives is a
 * parameter. $1 is the name of the view: which version serves is looked up in the same statement.
 */

/** Collects the parameters of a statement. */
class Parameters {
  readonly values: unknown[];

  constructor(view: ViewShape) {
    this.values = [view.name];
  }

  /** The placeholder for a value of a type. */
  of(type: ColumnType, value: string): string {
    return `$${this.values.push(value)}::text::${type}`;
  }

  /** The placeholder for a list of values. */
  list(type: ColumnType, values: readonly string[]): string {
    return `$${this.values.push(textArray(values))}::text[]::${type}[]`;
  }
}

const SERVING = (schema: string): string =>
  `(SELECT max(version) AS version FROM ${schema}.views WHERE name = $1 AND state = 'active') a`;

/** A page of one version, and in each row the version that serves: only if they are the same is it a page. */
export function findSql(schema: string, view: ViewShape, query: ViewQuery): SqlCall {
  const parameters = new Parameters(view);
  const conditions = [
    `a.version = ${view.version}`,
    ...query.where.map((test) => testSql(test, parameters)),
    ...(query.after ? [afterSql(query.order, query.after, parameters)] : []),
  ];
  const { order } = query;
  const places = order.map((one, i) => `${asText(one)} AS p${i}`);
  const sorts = order.map((one, i) => `${nameOf(one)} AS s${i}`);
  const direction = (one: ViewOrder): string => (one.descending ? 'DESC' : 'ASC');
  const text = `SELECT a.version AS serving, r.* FROM ${SERVING(schema)} LEFT JOIN LATERAL (
  SELECT t.key, t.document::text AS document, ${[...places, ...sorts].join(', ')} FROM ${tableOf(schema, view)} t
  WHERE ${conditions.join(' AND ')}
  ORDER BY ${order.map((one) => `${nameOf(one)} ${direction(one)}`).join(', ')} LIMIT ${query.limit}
) r ON true ORDER BY ${order.map((one, i) => `r.s${i} ${direction(one)}`).join(', ')}`;
  return { text, values: parameters.values };
}

/** The number of documents of one version, and the version that serves. */
export function countSql(schema: string, view: ViewShape, where: readonly ViewTest[]): SqlCall {
  const parameters = new Parameters(view);
  const conditions = where.map((test) => ` AND ${testSql(test, parameters)}`);
  const text = `SELECT a.version AS serving, (
  SELECT count(*) FROM ${tableOf(schema, view)} t WHERE a.version = ${view.version}${conditions.join('')}
)::text AS count FROM ${SERVING(schema)}`;
  return { text, values: parameters.values };
}

const COMPARISONS = { eq: '=', ne: 'IS DISTINCT FROM', lt: '<', lte: '<=', gt: '>', gte: '>=' };

function testSql(test: ViewTest, parameters: Parameters): string {
  const name = nameOf(test);
  switch (test.operator) {
    case 'isNull':
      return `${name} IS ${test.value ? '' : 'NOT '}NULL`;
    case 'in':
      return `${name} = ANY(${parameters.list(test.type, test.values)})`;
    case 'prefix':
      return `${name} ^@ ${parameters.of('text', test.value)}`;
    default:
      return `${name} ${COMPARISONS[test.operator]} ${parameters.of(test.type, test.value)}`;
  }
}

/** The rows after a place: those that are greater in the first column in which they differ. */
function afterSql(
  order: readonly ViewOrder[],
  place: readonly (string | null)[],
  parameters: Parameters,
): string {
  const values = order.map((one, i) => {
    const value = place[i] ?? null;
    return value === null ? undefined : parameters.of(one.type, value);
  });
  const ways = order.map((one, i) =>
    [
      ...order.slice(0, i).map((earlier, j) => equalSql(earlier, values[j])),
      beyondSql(one, values[i]),
    ].join(' AND '),
  );
  const [first] = order;
  // Said again for the first column alone, for that is what an index can begin at.
  const bound = first?.descending && values[0] ? `${nameOf(first)} <= ${values[0]} AND ` : '';
  return `${bound}(${ways.map((way) => `(${way})`).join(' OR ')})`;
}

function equalSql(column: ViewColumn, value: string | undefined): string {
  return value === undefined ? `${nameOf(column)} IS NULL` : `${nameOf(column)} = ${value}`;
}

/** Null counts as the highest value, as in Postgres's own order. */
function beyondSql(order: ViewOrder, value: string | undefined): string {
  const name = nameOf(order);
  if (order.descending) return value === undefined ? `${name} IS NOT NULL` : `${name} < ${value}`;
  if (value === undefined) return 'false';
  return order.name === 'key' ? `${name} > ${value}` : `(${name} > ${value} OR ${name} IS NULL)`;
}

function nameOf({ name }: ViewColumn): string {
  return `t.${quoted(name)}`;
}

/** As `columnText` writes it, whatever the settings of the session are. */
function asText(column: ViewColumn): string {
  const name = nameOf(column);
  if (column.type === 'date') return `to_char(${name}, 'YYYY-MM-DD')`;
  if (column.type !== 'timestamptz') return `${name}::text`;
  return `to_char(${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
