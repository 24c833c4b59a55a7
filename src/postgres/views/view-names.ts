import type { ViewShape } from '../../store/view-tables.js';
import { quoted } from '../names.js';

/** Name of a version's table, without its schema. Names of views are checked: this needs no quotes. */
export function tableName({ name, version }: Pick<ViewShape, 'name' | 'version'>): string {
  const place = version > 0 ? `v${version}` : `v${-version}_next`;
  return `view_${name.replaceAll('-', '_')}_${place}`;
}

/** The table for SQL. `schema` is quoted. */
export function tableOf(schema: string, view: Pick<ViewShape, 'name' | 'version'>): string {
  return `${schema}.${quoted(tableName(view))}`;
}

/** What the names of a projection's tables begin with; `forProjection` makes them. */
export function projectionPrefix({ name, version }: Pick<ViewShape, 'name' | 'version'>): string {
  const place = version > 0 ? `v${version}` : `next${-version}`;
  return `projection_${name.replaceAll('-', '_')}_${place}_`;
}
