/** Runs SQL: a transaction, or a connection that reads. */
export interface Sql {
  /** Runs one statement. Rejects with the error of the database. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
}
