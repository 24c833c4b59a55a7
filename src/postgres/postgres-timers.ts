import type { PlainError } from '../messages/plain-error.js';
import type { Sql } from '../store/sql.js';
import type { StoredTimer, TimerChanges, TimerQuery, TimerTable } from '../store/timers.js';
import { quoted } from './names.js';

interface Row {
  readonly source: string;
  readonly id: string;
  readonly key: string;
  readonly generation: string;
  readonly due: string;
  readonly position: string;
  readonly payload: string;
  readonly failure: PlainError | null;
}

/** The armed timers in Postgres. */
export class PostgresTimers implements TimerTable {
  private readonly table: string;

  constructor(
    private readonly sql: Sql,
    schema: string,
  ) {
    this.table = `${quoted(schema)}.timers`;
  }

  async save(tx: Sql, { armed, ended }: TimerChanges): Promise<void> {
    if (ended.length > 0)
      await tx.query(
        `DELETE FROM ${this.table} t USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS e(source, id, key, generation)
         WHERE t.source = e.source AND t.id = e.id AND t.key = e.key AND t.generation <= e.generation`,
        columns(ended, ['source', 'id', 'key', 'generation']),
      );
    if (armed.length > 0)
      await tx.query(
        `INSERT INTO ${this.table} (source, id, key, generation, due_at, position, payload)
         SELECT source, id, key, generation, to_timestamp(due / 1000), position, payload::json
         FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::float8[], $6::bigint[], $7::text[])
           AS a(source, id, key, generation, due, position, payload)
         ON CONFLICT (source, id, key) DO UPDATE SET generation = excluded.generation, due_at = excluded.due_at,
           position = excluded.position, payload = excluded.payload, failure = NULL
         WHERE timers.generation < excluded.generation`,
        columns(armed, ['source', 'id', 'key', 'generation', 'dueAt', 'position', 'payload']),
      );
  }

  upcoming(source: string, limit: number): Promise<readonly StoredTimer[]> {
    return this.read(`WHERE source = $1 AND failure IS NULL ORDER BY due_at, position LIMIT $2`, [
      source,
      limit,
    ]);
  }

  async fail({ source, id, key, generation }: StoredTimer, error: PlainError): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.table} SET failure = $5::json WHERE source = $1 AND id = $2 AND key = $3 AND generation = $4`,
      [source, id, key, generation, JSON.stringify(error)],
    );
  }

  async retryFailed(source: string): Promise<void> {
    await this.sql.query(
      `UPDATE ${this.table} SET failure = NULL WHERE source = $1 AND failure IS NOT NULL`,
      [source],
    );
  }

  list({ source, id, dueBefore, after, limit }: TimerQuery): Promise<readonly StoredTimer[]> {
    return this.read(
      `WHERE ($1::text IS NULL OR source = $1) AND ($2::text IS NULL OR id = $2)
         AND ($3::float8 IS NULL OR due_at < to_timestamp($3 / 1000))
         AND ($4::float8 IS NULL OR (due_at, source, id, key) > (to_timestamp($4 / 1000), $5::text, $6::text, $7::text))
       ORDER BY due_at, source, id, key LIMIT $8`,
      [
        ...[source ?? null, id ?? null, dueBefore ?? null, after?.dueAt ?? null],
        ...[after?.source ?? null, after?.id ?? null, after?.key ?? null, limit],
      ],
    );
  }

  private async read(rest: string, values: readonly unknown[]): Promise<readonly StoredTimer[]> {
    const rows = await this.sql.query<Row>(
      `SELECT source, id, key, generation::text, (extract(epoch FROM due_at) * 1000)::bigint::text AS due,
         position::text, payload::text, failure FROM ${this.table} ${rest}`,
      values,
    );
    return rows.map(toTimer);
  }
}

function toTimer({ generation, due, position, failure, ...row }: Row): StoredTimer {
  return {
    ...row,
    generation: Number(generation),
    dueAt: Number(due),
    position: Number(position),
    failure: failure ?? undefined,
  };
}

function columns<Item>(items: readonly Item[], names: readonly (keyof Item)[]): unknown[][] {
  return names.map((name) => items.map((item) => item[name]));
}
