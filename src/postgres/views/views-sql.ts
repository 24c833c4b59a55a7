import type { ViewShape } from '../../store/view-tables.js';
import { quoted } from '../names.js';
import { viewTableSql } from './view-ddl.js';
import { tableOf } from './view-names.js';
import { columnsOf } from './view-registry.js';

/** A view or a projection whose tables are to be made by hand. */
export interface TablesToMake {
  readonly shape: ViewShape;
  /** Of a projection: its own statements, and the tables that they make. Default: the table of a view. */
  readonly own?: { readonly statements: readonly string[]; readonly tables: readonly string[] };
}

/**
 * One script for the owner of a schema, which makes what is not there yet: for processes whose role may
 * not make tables. `app` is that role.
 */
export function viewsSql(schema: string, all: readonly TablesToMake[], app: string): string {
  const parts = all.map((one) => oneSql(quoted(schema), one, app));
  return ['BEGIN;', ...parts, 'COMMIT;', ''].join('\n\n');
}

function oneSql(schema: string, { shape, own }: TablesToMake, app: string): string {
  const { name, version, listens } = shape;
  const statements = own?.statements ?? viewTableSql(schema, shape);
  const tables = own?.tables ?? [tableOf(schema, shape)];
  const lines = [
    ...statements,
    `INSERT INTO ${schema}.views (name, version, columns, listens, state) SELECT ${literal(name)}, ${version}, ${literal(columnsOf(shape))}, ${listens === undefined ? 'NULL' : literal(listens)},
    CASE WHEN EXISTS (SELECT FROM ${schema}.views WHERE name = ${literal(name)} AND state = 'active') THEN 'building' ELSE 'active' END`,
    ...tables.map((table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${quoted(app)}`),
  ];
  return `-- ${name}, version ${version}
DO $troupe$ BEGIN
  IF EXISTS (SELECT FROM ${schema}.views WHERE name = ${literal(name)} AND version >= ${version}) THEN RETURN; END IF;
${lines.map((line) => `  ${line.trim().replace(/;$/, '')};`).join('\n')}
END $troupe$;`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
