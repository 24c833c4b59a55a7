import type { StoredEvent } from '../../messages/event.js';
import type {
  FindCommands,
  Head,
  LogHead,
  PageRequest,
  StreamName,
  VersionRange,
} from '../../store/store.js';
import { bigintArray, textArray } from '../binary-array.js';
import { column, type Statement, statement, type TextRow } from './statement.js';

/** Columns of `events e` as `toEvents` reads them. */
export const COLUMNS = `e.position, e.slice, e.aggregate, e.id, e.version, e.type, e.schema_version, e.data::text, e.metadata::text,
  e.command_id, (extract(epoch FROM e.occurred_at) * 1000)::bigint, (extract(epoch FROM e.recorded_at) * 1000)::bigint`;

/** Reads rows of `COLUMNS`. */
export function toEvents(rows: readonly TextRow[]): StoredEvent[] {
  return rows.map((row) => ({
    position: Number(row[0]),
    slice: Number(row[1]),
    aggregate: column(row, 2),
    id: column(row, 3),
    version: Number(row[4]),
    type: column(row, 5),
    schemaVersion: Number(row[6]),
    data: column(row, 7),
    metadata: column(row, 8),
    commandId: column(row, 9),
    occurredAt: Number(row[10]),
    recordedAt: Number(row[11]),
  }));
}

/** A page of one stream. $1 aggregate, $2 id, $3 after this version, $4 limit. */
export function readStreamStatement(
  schema: string,
): Statement<[StreamName, PageRequest], StoredEvent[]> {
  return statement({
    name: 'troupe_read_stream',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e
WHERE e.aggregate = $1 AND e.id = $2 AND e.version > $3::bigint ORDER BY e.version LIMIT $4`,
    values: ({ aggregate, id }, { after, limit }) => [aggregate, id, after, limit],
    read: toEvents,
  });
}

/** A page of the log; may have holes. $1 after this position, $2 limit. */
export function readLogStatement(schema: string): Statement<[PageRequest], StoredEvent[]> {
  return statement({
    name: 'troupe_read_log',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e WHERE e.position > $1::bigint ORDER BY e.position LIMIT $2`,
    values: ({ after, limit }) => [after, limit],
    read: toEvents,
  });
}

/** A range of the log, to read its holes again. $1 after this position, $2 up to this one. */
export function readRangeStatement(schema: string): Statement<[number, number], StoredEvent[]> {
  return statement({
    name: 'troupe_read_range',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e WHERE e.position > $1::bigint AND e.position <= $2::bigint ORDER BY e.position`,
    values: (after, upTo) => [after, upTo],
    read: toEvents,
  });
}

const HEAD_COLUMNS = 'e.position, e.slice, e.aggregate, e.id, e.version, e.command_id';

function toLogHeads(rows: readonly TextRow[]): LogHead[] {
  return rows.map((row) => ({
    position: Number(row[0]),
    slice: Number(row[1]),
    aggregate: column(row, 2),
    id: column(row, 3),
    version: Number(row[4]),
    commandId: column(row, 5),
  }));
}

/** As `readLogStatement`, without payloads. */
export function readLogHeadsStatement(schema: string): Statement<[PageRequest], LogHead[]> {
  return statement({
    name: 'troupe_read_log_heads',
    text: `SELECT ${HEAD_COLUMNS} FROM ${schema}.events e WHERE e.position > $1::bigint ORDER BY e.position LIMIT $2`,
    values: ({ after, limit }) => [after, limit],
    read: toLogHeads,
  });
}

/** As `readRangeStatement`, without payloads. */
export function readHeadRangeStatement(schema: string): Statement<[number, number], LogHead[]> {
  return statement({
    name: 'troupe_read_head_range',
    text: `SELECT ${HEAD_COLUMNS} FROM ${schema}.events e WHERE e.position > $1::bigint AND e.position <= $2::bigint ORDER BY e.position`,
    values: (after, upTo) => [after, upTo],
    read: toLogHeads,
  });
}

/** The heads of streams. $1 aggregates, $2 ids. */
export function headsStatement(
  schema: string,
): Statement<[readonly StreamName[]], (streams: readonly StreamName[]) => Head[]> {
  return statement({
    name: 'troupe_heads',
    text: `SELECT a.ord, e.version, e.position, e.command_id
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(aggregate, id, ord)
CROSS JOIN LATERAL (
  SELECT version, position, command_id FROM ${schema}.events e
  WHERE e.aggregate = a.aggregate AND e.id = a.id ORDER BY e.version DESC LIMIT 1) e`,
    values: (streams) => [
      textArray(streams.map((s) => s.aggregate)),
      textArray(streams.map((s) => s.id)),
    ],
    read: (rows) => (streams) => {
      const heads = streams.map(({ aggregate, id }) => ({
        aggregate,
        id,
        version: 0,
        position: 0,
        commandId: '',
      }));
      for (const row of rows) {
        const head = heads[Number(row[0]) - 1];
        if (head)
          Object.assign(head, {
            version: Number(row[1]),
            position: Number(row[2]),
            commandId: column(row, 3),
          });
      }
      return heads;
    },
  });
}

/** Events of commands, above a position. $1 after this position, $2 aggregates, $3 ids, $4 command ids. */
export function findCommandsStatement(schema: string): Statement<[FindCommands], StoredEvent[]> {
  return statement({
    name: 'troupe_find_commands',
    text: `SELECT ${COLUMNS} FROM ${schema}.events e
WHERE e.position > $1::bigint
  AND (e.aggregate, e.id, e.command_id) IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
ORDER BY e.position`,
    values: ({ afterPosition, commands }) => [
      afterPosition,
      textArray(commands.map((c) => c.aggregate)),
      textArray(commands.map((c) => c.id)),
      textArray(commands.map((c) => c.commandId)),
    ],
    read: toEvents,
  });
}

/** Version ranges of streams. $1 aggregates, $2 ids, $3 after these versions, $4 up to these. */
export function readRangesStatement(
  schema: string,
): Statement<[readonly VersionRange[]], (ranges: readonly VersionRange[]) => StoredEvent[][]> {
  return statement({
    name: 'troupe_read_ranges',
    text: `SELECT ${COLUMNS}, a.ord FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS a(aggregate, id, after, up_to, ord)
CROSS JOIN LATERAL (
  SELECT * FROM ${schema}.events e
  WHERE e.aggregate = a.aggregate AND e.id = a.id AND e.version > a.after AND e.version <= a.up_to) e
ORDER BY a.ord, e.version`,
    values: (ranges) => [
      textArray(ranges.map((r) => r.aggregate)),
      textArray(ranges.map((r) => r.id)),
      bigintArray(ranges.map((r) => r.after)),
      bigintArray(ranges.map((r) => r.upTo)),
    ],
    read: (rows) => (ranges) => {
      const events = ranges.map((): StoredEvent[] => []);
      toEvents(rows).forEach((event, i) => {
        events[Number(rows[i]?.[12]) - 1]?.push(event);
      });
      return events;
    },
  });
}
