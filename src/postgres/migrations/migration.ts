/** One numbered step of the schema. Never changed once released; a later one corrects it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** SQL for a schema. `schema` is quoted; `lockClass` is the first key of its advisory locks. */
  sql(schema: string, lockClass: number): string;
}
