import type { QueryArrayConfig } from 'pg';

/** A row as text, column by column. */
export type TextRow = readonly (string | null)[];

/** One prepared statement: how its parameters are bound and how its rows are read. */
export interface Statement<Arguments extends readonly unknown[], Result> {
  readonly config: (...args: Arguments) => QueryArrayConfig;
  readonly read: (rows: readonly TextRow[]) => Result;
}

interface StatementSource<Arguments extends readonly unknown[], Result> {
  /** Server-side name; unique per connection. */
  readonly name: string;
  readonly text: string;
  readonly values: (...args: Arguments) => unknown[];
  readonly read: (rows: readonly TextRow[]) => Result;
}

/** All columns arrive as text: each statement knows its own types. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as NonNullable<
  QueryArrayConfig['types']
>;

export function statement<Arguments extends readonly unknown[], Result>(
  source: StatementSource<Arguments, Result>,
): Statement<Arguments, Result> {
  const { name, text, values, read } = source;
  return {
    config: (...args) => ({
      name,
      text,
      values: values(...args),
      rowMode: 'array',
      types: AS_TEXT,
    }),
    read,
  };
}

/** A statement that is parsed each time, for sessions that keep nothing between two transactions. */
export function withoutName<Arguments extends readonly unknown[], Result>(
  named: Statement<Arguments, Result>,
): Statement<Arguments, Result> {
  return {
    config: (...args) => ({ ...named.config(...args), name: undefined }),
    read: named.read,
  };
}

/** Reads a one-dimensional `bigint[]` without nulls, as text. */
export function parseBigintArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}

/** A column that cannot be null. */
export function column(row: TextRow, index: number): string {
  return row[index] as string;
}
