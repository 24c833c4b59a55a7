import type { IndexEntry, IndexName, IndexTables } from '../store/indexes.js';
import type { Sql } from '../store/sql.js';
import { bigintArray, textArray } from './binary-array.js';
import { quoted } from './names.js';
import { indexTable } from './statements/indexes.js';

/** The tables of indexes in a schema. */
export class PostgresIndexTables implements IndexTables {
  constructor(private readonly schema: string) {}

  /** One statement, whatever the number of entries. */
  async add(tx: Sql, index: IndexName, entries: readonly IndexEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await tx.query(
      `INSERT INTO ${indexTable(quoted(this.schema), index)} (id, position)
SELECT * FROM unnest($1::text[], $2::bigint[]) ON CONFLICT DO NOTHING`,
      [textArray(entries.map(({ id }) => id)), bigintArray(entries.map((it) => it.position))],
    );
  }
}
