import type { StoredEvent } from '../../messages/event.js';
import type { IndexName } from '../../store/indexes.js';
import type { PageRequest } from '../../store/store.js';
import { COLUMNS, toEvents } from './read-events.js';
import { type Statement, statement } from './statement.js';

const TABLES: Readonly<Record<IndexName, string>> = {
  commands: 'command_index',
  correlations: 'correlation_index',
};

/** The table of an index; `schema` is quoted. */
export function indexTable(schema: string, index: IndexName): string {
  return `${schema}.${TABLES[index]}`;
}

/** A page of the events under an id. $1 id, $2 after this position, $3 limit. */
export function readIndexStatement(
  schema: string,
  index: IndexName,
): Statement<[string, PageRequest], StoredEvent[]> {
  return statement({
    name: `troupe_read_${index}`,
    text: `SELECT ${COLUMNS} FROM ${indexTable(schema, index)} i JOIN ${schema}.events e ON e.position = i.position
WHERE i.id = $1 AND i.position > $2::bigint ORDER BY i.position LIMIT $3`,
    values: (id, { after, limit }) => [id, after, limit],
    read: toEvents,
  });
}
