import { invalid, isObject } from '../aggregate/expectations.js';
import { TroupeError } from '../messages/errors.js';
import { COLUMN_TYPES, type ColumnType, columnText, expectedOf } from '../store/column-type.js';
import type { ViewColumn } from '../store/view-tables.js';

/** What a column of a type is made of, and compared with. */
export interface ColumnValues {
  readonly text: string;
  readonly integer: number;
  readonly bigint: number | bigint;
  /** A string keeps all digits. */
  readonly numeric: number | string;
  readonly boolean: boolean;
  /** A string is ISO 8601 with an offset. Kept to the millisecond. */
  readonly timestamptz: Date | string;
  /** `YYYY-MM-DD` */
  readonly date: string;
}

/** A column: its type, where the document has a property of its name; else also how to make its value. */
export type ColumnSpec<Document> =
  | ColumnType
  | { readonly [Type in ColumnType]: ComputedColumn<Document, Type> }[ColumnType];

/** A column whose value is computed from the document. */
export interface ComputedColumn<Document, Type extends ColumnType> {
  readonly type: Type;
  /** Pure. Null where there is none. */
  value(document: Document, key: string): ColumnValues[Type] | null | undefined;
}

/** Columns by name. */
export type ColumnSpecs<Document> = Readonly<Record<string, ColumnSpec<Document>>>;

/** Refuses a column given by its type alone for which the document has no property of that type. */
export type FittingColumns<Document, Columns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends ColumnType
    ? Name extends keyof Document
      ? Document[Name] extends ColumnValues[Columns[Name]] | null | undefined
        ? Columns[Name]
        : `the document's ${Name & string} is not of this type: give { type, value }`
      : `the document has no ${Name & string}: give { type, value }`
    : Columns[Name];
};

/** Type of each column. */
export type ColumnTypesOf<Columns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends ColumnType
    ? Columns[Name]
    : Columns[Name] extends { readonly type: infer Type extends ColumnType }
      ? Type
      : never;
};

/** A column with its parts named. */
export interface ResolvedColumn extends ViewColumn {
  value(document: unknown, key: string): unknown;
}

/** Each becomes an index, which each write pays for. */
const MAX_COLUMNS = 20;
const NAME = /^[a-z][A-Za-z0-9_]{0,62}$/;
const RESERVED = ['key', 'document'];

/** Throws `InvalidDefinition`. */
export function resolveColumns(where: string, specs: object): readonly ResolvedColumn[] {
  if (!isObject(specs)) throw invalid(where, 'columns', 'an object', String(specs));
  const columns = Object.entries(specs).map(([name, spec]) => resolveColumn(where, name, spec));
  if (columns.length <= MAX_COLUMNS) return columns;
  throw invalid(where, 'columns', `at most ${MAX_COLUMNS}`, String(columns.length));
}

function resolveColumn(where: string, name: string, spec: unknown): ResolvedColumn {
  const field = `columns.${name}`;
  if (!NAME.test(name) || RESERVED.includes(name))
    throw invalid(
      where,
      field,
      `a name of letters, digits and _ that begins with a small letter and is none of ${RESERVED.join(', ')}`,
      JSON.stringify(name),
    );
  const { type, value } = (isObject(spec) ? spec : { type: spec, value: propertyNamed(name) }) as {
    type: ColumnType;
    value: ResolvedColumn['value'];
  };
  if (!COLUMN_TYPES.includes(type))
    throw invalid(where, field, `a type: ${COLUMN_TYPES.join(', ')}`, JSON.stringify(type));
  if (typeof value !== 'function')
    throw invalid(where, `${field}.value`, 'a function', typeof value);
  return { name, type, value };
}

function propertyNamed(name: string): ResolvedColumn['value'] {
  return (document) => (document as Readonly<Record<string, unknown>> | null)?.[name];
}

/** Values of all columns as texts. Throws `ViewColumnInvalid` for one that does not fit its column. */
export function columnTexts(
  view: { readonly name: string; readonly columns: readonly ResolvedColumn[] },
  document: unknown,
  key: string,
): readonly (string | null)[] {
  return view.columns.map((column) => {
    const value = column.value(document, key);
    if (value === null || value === undefined) return null;
    const text = columnText(column.type, value);
    if (text !== undefined) return text;
    const given = shown(value);
    throw new TroupeError(
      'ViewColumnInvalid',
      `View ${view.name}: column ${column.name} of document ${JSON.stringify(key)}: expected ${expectedOf(column.type)}, got ${given}`,
      { view: view.name, column: column.name, key, given },
    );
  });
}

/** A value for a message, cut where it is long. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= typeof value;
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
