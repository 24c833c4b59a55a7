import type { ViewShape } from '../../store/view-tables.js';
import { quoted } from '../names.js';
import { tableOf } from './view-names.js';

/**
 * SQL that makes the table of a version. Each column has an index that ends with the key, for filtering
 * and for pages in its order. Pages leave room, so that a document can be changed in place.
 */
export function viewTableSql(schema: string, view: ViewShape): readonly string[] {
  const table = tableOf(schema, view);
  const columns = view.columns.map(
    ({ name, type }) => `, ${quoted(name)} ${type}${type === 'text' ? ' COLLATE "C"' : ''}`,
  );
  const indexes = view.columns.map(
    // Without a name: the table may change its own.
    ({ name }) => `CREATE INDEX ON ${table} (${quoted(name)}, key)`,
  );
  return [
    `CREATE TABLE ${table} (key text COLLATE "C" PRIMARY KEY, document json NOT NULL${columns.join('')}) WITH (fillfactor = 85)`,
    ...indexes,
  ];
}
