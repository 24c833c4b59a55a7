import type { StoredEvent } from '../messages/event.js';
import type { Checkpoints, HandledPage, LockedCheckpoint } from '../store/checkpoints.js';
import type { Sql } from '../store/sql.js';
import type { Registration } from '../store/subscriptions.js';
import { quoted } from './names.js';
import { anchored, filterValues, wanted } from './statements/subscriptions.js';

/** Positions that one read goes over at most: where few are wanted, it still ends soon. */
const SPAN = 100_000;

/** Checkpoints in Postgres, on whatever connection they are asked for. */
export class PostgresCheckpoints implements Checkpoints {
  private readonly schema: string;

  /** `schema` is the name of Troupe's schema, not quoted. */
  constructor(schema: string) {
    this.schema = quoted(schema);
  }

  async position(sql: Sql, name: string): Promise<number> {
    const [row] = await sql.query<{ position: string }>(
      `SELECT position FROM ${this.schema}.subscriptions WHERE name = $1`,
      [name],
    );
    return Number(row?.position ?? 0);
  }

  async lastAt(sql: Sql, position: number): Promise<number> {
    const [row] = await sql.query<{ position: string | null }>(
      `SELECT max(position) AS position FROM ${this.schema}.events WHERE position <= $1::bigint`,
      [position],
    );
    return Number(row?.position ?? 0);
  }

  async lock(sql: Sql, name: string): Promise<LockedCheckpoint | undefined> {
    const [row] = await sql.query<{ position: string; command: string; is_anchored: boolean }>(
      `SELECT s.position, s.command_id AS command, ${anchored(this.schema, 's')} AS is_anchored
FROM ${this.schema}.subscriptions s WHERE s.name = $1 FOR UPDATE OF s`,
      [name],
    );
    return (
      row && {
        position: Number(row.position),
        commandId: row.command,
        isAnchored: row.is_anchored,
      }
    );
  }

  async reset(sql: Sql, name: string, position: number): Promise<number> {
    const [row] = await sql.query<{ position: string }>(
      `UPDATE ${this.schema}.subscriptions s SET position = coalesce(e.position, 0), command_id = coalesce(e.command_id, ''),
  state = 'catchingUp', error = NULL, attempts = 0, epoch = epoch + 1, owner = NULL, lease_until = NULL, updated_at = now()
FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT position, command_id FROM ${this.schema}.events
  WHERE position <= $2::bigint ORDER BY position DESC LIMIT 1) e ON true
WHERE s.name = $1 RETURNING s.position`,
      [name, position],
    );
    return Number(row?.position ?? 0);
  }

  async touched(sql: Sql, name: string): Promise<void> {
    await sql.query(
      `UPDATE ${this.schema}.subscriptions SET parked_changes = parked_changes + 1 WHERE name = $1`,
      [name],
    );
  }

  async isOvertaken(
    sql: Sql,
    { name, version }: { readonly name: string; readonly version: number },
  ): Promise<boolean> {
    // What was resolved bears the time at which its transaction began: it may have ended later.
    const rows = await sql.query(
      `SELECT FROM ${this.schema}.parked p JOIN ${this.schema}.views v ON v.name = p.subscription AND v.version = $2
WHERE p.subscription = $1 AND p.resolved IS NOT NULL AND p.resolved_at > v.changed_at - interval '10 seconds' LIMIT 1`,
      [name, version],
    );
    return rows.length > 0;
  }

  async adopt(sql: Sql, { name, version, fingerprint }: Registration): Promise<void> {
    await sql.query(
      `UPDATE ${this.schema}.subscriptions SET version = $2, fingerprint = $3, epoch = epoch + 1,
  owner = NULL, lease_until = NULL, updated_at = now() WHERE name = $1`,
      [name, version, fingerprint],
    );
  }

  async handled(sql: Sql, page: HandledPage): ReturnType<Checkpoints['handled']> {
    const { after, limit, stream } = page;
    const upTo = stream ? page.upTo : Math.min(page.upTo, after + SPAN);
    const rows = await sql.query<HandledRow>(handledSql(this.schema, stream !== undefined), [
      ...[page.name, after, upTo, limit],
      ...filterValues(page.filter),
      ...(stream ? [stream.aggregate, stream.id] : []),
    ]);
    const events = rows.map(toEvent);
    return { events, upTo: events.length < limit ? upTo : (events.at(-1)?.position ?? upTo) };
  }
}

/** Columns that can tell integers from texts; see `toEvent`. */
type HandledRow = Omit<StoredEvent, 'position' | 'version' | 'occurredAt' | 'recordedAt'> & {
  readonly position: string;
  readonly version: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
};

function toEvent(row: HandledRow): StoredEvent {
  return {
    ...row,
    position: Number(row.position),
    version: Number(row.version),
    occurredAt: Number(row.occurredAt),
    recordedAt: Number(row.recordedAt),
  };
}

/** $1 subscription, $2 after this position, $3 up to this one, $4 limit, $5 to $8 what is wanted; of one stream: $9 aggregate, $10 id. */
function handledSql(schema: string, ofStream: boolean): string {
  return `SELECT e.position, e.slice, e.aggregate, e.id, e.version, e.type, e.schema_version AS "schemaVersion",
  e.data::text AS data, e.metadata::text AS metadata, e.command_id AS "commandId",
  (extract(epoch FROM e.occurred_at) * 1000)::bigint AS "occurredAt",
  (extract(epoch FROM e.recorded_at) * 1000)::bigint AS "recordedAt"
FROM ${schema}.events e
WHERE e.position > $2::bigint AND e.position <= $3::bigint AND ${wanted(5)}${ofStream ? ' AND e.aggregate = $9 AND e.id = $10' : ''}
  AND NOT EXISTS (SELECT FROM ${schema}.parked p WHERE p.subscription = $1 AND p.aggregate = e.aggregate AND p.id = e.id
    AND ((p.resolved IS NULL AND p.version <= e.version) OR (p.resolved = 'skipped' AND p.version = e.version)))
ORDER BY e.position LIMIT $4`;
}
