import type pg from 'pg';
import type { InlineReader, InlineState, InlineVersion, StoredInline } from '../store/inline.js';

interface Row {
  readonly name: string;
  readonly version: number;
  readonly state: InlineState;
  readonly position: string;
}

/** What a version listens to, as its columns have it: $3 to $5. */
function listening({ filter }: InlineReader): unknown[] {
  const { aggregates, types } = filter;
  return [aggregates, types.map(([aggregate]) => aggregate), types.map(([, type]) => type)];
}

const ITS = 'name = $1 AND version = $2';

/** The rows of inline projections in one schema. */
export class InlineRows {
  private readonly table: string;

  /** `schema` is quoted. */
  constructor(private readonly schema: string) {
    this.table = `${schema}.inline_projections`;
  }

  /** By name and version; of one name, or all. */
  async list(client: pg.Client, name?: string): Promise<readonly StoredInline[]> {
    const { rows } = await client.query<Row>(
      `SELECT name, version, state, position FROM ${this.table} WHERE $1::text IS NULL OR name = $1 ORDER BY name, version`,
      [name ?? null],
    );
    return rows.map((row) => ({ ...row, position: Number(row.position) }));
  }

  async insert(client: pg.Client, reader: InlineReader): Promise<void> {
    await client.query(
      `INSERT INTO ${this.table} (name, version, state, aggregates, type_aggregates, types)
       VALUES ($1, $2, 'filling', $3, $4, $5)`,
      [reader.name, reader.version, ...listening(reader)],
    );
  }

  async listensAs(client: pg.Client, reader: InlineReader): Promise<boolean> {
    const { rows } = await client.query(
      `SELECT FROM ${this.table} WHERE ${ITS} AND aggregates = $3::text[] AND type_aggregates = $4::text[] AND types = $5::text[]`,
      [reader.name, reader.version, ...listening(reader)],
    );
    return rows.length > 0;
  }

  /** Up to where it is filled; `undefined` if it is not filling any more. */
  async lockFilling(
    client: pg.Client,
    { name, version }: InlineVersion,
  ): Promise<number | undefined> {
    const { rows } = await client.query<Row>(
      `SELECT position FROM ${this.table} WHERE ${ITS} AND state = 'filling' FOR UPDATE`,
      [name, version],
    );
    return rows[0] && Number(rows[0].position);
  }

  async progress(
    client: pg.Client,
    { name, version }: InlineVersion,
    position: number,
  ): Promise<void> {
    await client.query(
      `UPDATE ${this.table} SET position = $3, updated_at = now() WHERE ${ITS} AND state = 'filling'`,
      [name, version, position],
    );
  }

  /** Lets it take the place of lower versions. */
  async activate(client: pg.Client, { name, version }: InlineVersion): Promise<void> {
    await client.query(
      `UPDATE ${this.table} SET state = 'retired', updated_at = now()
       WHERE name = $1 AND version < $2 AND state IN ('active', 'filling')`,
      [name, version],
    );
    await client.query(
      `UPDATE ${this.table} SET state = 'active', updated_at = now() WHERE ${ITS}`,
      [name, version],
    );
  }

  /** The rows stay: code of before must not bring it back unknowingly. */
  async remove(client: pg.Client, name: string): Promise<void> {
    await client.query(
      `UPDATE ${this.table} SET state = 'removed', updated_at = now() WHERE name = $1`,
      [name],
    );
  }

  async dropTables(client: pg.Client, unquotedSchema: string, name: string): Promise<void> {
    const prefix = `inline_${name.replaceAll('-', '_')}_v`;
    const { rows } = await client.query<{ name: string }>(
      `SELECT quote_ident(c.relname) AS name FROM pg_class c
       WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p')
         AND c.relname ~ ('^' || $2 || '[0-9]+_')`,
      [unquotedSchema, prefix],
    );
    const tables = rows.map((row) => `${this.schema}.${row.name}`);
    if (tables.length > 0) await client.query(`DROP TABLE ${tables.join(', ')}`);
  }

  /** The last position of the log. */
  async logEnd(client: pg.Client): Promise<number> {
    const { rows } = await client.query<{ position: string }>(
      `SELECT coalesce(max(position), 0) AS position FROM ${this.schema}.events`,
    );
    return Number(rows[0]?.position);
  }
}
