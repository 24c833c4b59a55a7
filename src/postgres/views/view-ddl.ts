import type { ViewShape } from '../../store/view-tables.js';
import { quoted } from '../names.js';
import { tableName, tableOf } from './view-names.js';

/** SQL that makes the registry of views. Run it under the lock of views: IF NOT EXISTS alone is a race. */
export function registrySql(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${schema}.views (
  name       text COLLATE "C" NOT NULL,
  version    int NOT NULL,
  columns    text NOT NULL,
  state      text NOT NULL CHECK (state IN ('active', 'building', 'retired')),
  position   bigint NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT views_pkey PRIMARY KEY (name, version)
)`;
}

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
    ({ name }, i) =>
      `CREATE INDEX ${quoted(`${tableName(view)}_i${i + 1}`)} ON ${table} (${quoted(name)}, key)`,
  );
  return [
    `CREATE TABLE ${table} (key text COLLATE "C" PRIMARY KEY, document json NOT NULL${columns.join('')}) WITH (fillfactor = 85)`,
    ...indexes,
  ];
}
