import { SetupError } from '../messages/errors.js';
import { compareColumns } from './column-type.js';
import { MemoryTimerTable } from './memory-timer-table.js';
import type { Sql } from './sql.js';
import type {
  FoundRow,
  ViewAccess,
  ViewChanges,
  ViewColumn,
  ViewOrder,
  ViewQuery,
  ViewRow,
  ViewShape,
  ViewState,
  ViewTables,
  ViewTest,
  ViewVersion,
} from './view-tables.js';

interface Version {
  readonly shape: ViewShape;
  readonly rows: Map<string, ViewRow>;
  state: ViewState;
  position: number;
  retiredAt: number;
}

/** The tables of views in memory: the same answers as from Postgres, from a scan of all rows. */
export class MemoryViewTables implements ViewTables {
  private readonly views = new Map<string, Map<number, Version>>();

  /** `now` is in Unix milliseconds. */
  constructor(private readonly now: () => number = Date.now) {}

  async prepare(_sql: Sql, view: ViewShape): Promise<ViewVersion> {
    const versions = this.views.get(view.name) ?? new Map<number, Version>();
    this.views.set(view.name, versions);
    const known = versions.get(view.version);
    if (known) {
      checkSame(known.shape, view);
      return toViewVersion(known);
    }
    const isFirst = ![...versions.values()].some((version) => version.state === 'active');
    const isOld = [...versions].some(([key, one]) => one.state === 'active' && key > view.version);
    if (isOld && view.version > 0) return { version: view.version, state: 'retired', position: 0 };
    const state = isFirst ? 'active' : 'building';
    const made: Version = { shape: view, rows: new Map(), state, position: 0, retiredAt: 0 };
    versions.set(view.version, made);
    return toViewVersion(made);
  }

  register(_sql: Sql, { name }: Pick<ViewShape, 'name'>): Promise<ViewVersion> {
    return Promise.reject(noSql(`Projection ${name}`));
  }

  async discard(_sql: Sql, { name, version }: Pick<ViewShape, 'name' | 'version'>): Promise<void> {
    const versions = this.views.get(name);
    if (versions?.get(version)?.state !== 'active') versions?.delete(version);
  }

  async load(
    _sql: Sql,
    view: ViewShape,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const { rows } = this.version(view);
    return new Map(
      keys.flatMap((key) => {
        const row = rows.get(key);
        return row ? [[key, row.document] as const] : [];
      }),
    );
  }

  async save(_sql: Sql, view: ViewShape, { saved, deleted }: ViewChanges): Promise<void> {
    const { rows } = this.version(view);
    for (const row of saved) rows.set(row.key, row);
    for (const key of deleted) rows.delete(key);
  }

  async find(_sql: Sql, view: ViewShape, query: ViewQuery): Promise<readonly FoundRow[]> {
    const { shape, rows } = this.active(view);
    const { order, after, limit } = query;
    const valueIn = valuesIn(shape);
    return [...rows.values()]
      .filter((row) => query.where.every((test) => passes(test, valueIn(row, test))))
      .map((row) => ({
        ...{ key: row.key, document: row.document },
        place: order.map((one) => valueIn(row, one)),
      }))
      .filter(({ place }) => !after || comparePlaces(order, place, after) > 0)
      .sort((a, b) => comparePlaces(order, a.place, b.place))
      .slice(0, limit);
  }

  async count(_sql: Sql, view: ViewShape, where: readonly ViewTest[]): Promise<number> {
    const { shape, rows } = this.active(view);
    const valueIn = valuesIn(shape);
    const passing = [...rows.values()].filter((row) =>
      where.every((test) => passes(test, valueIn(row, test))),
    );
    return passing.length;
  }

  async versions(_sql: Sql, view: ViewShape): Promise<readonly ViewVersion[]> {
    const versions = [...(this.views.get(view.name)?.values() ?? [])];
    return versions.map(toViewVersion).sort((a, b) => a.version - b.version);
  }

  async saveProgress(
    _sql: Sql,
    view: ViewShape,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<boolean> {
    const version = this.version(view);
    if (version.position !== from) return false;
    version.position = to;
    return true;
  }

  async activate(_sql: Sql, view: ViewShape): Promise<void> {
    const activated = this.version(view);
    const versions = this.views.get(view.name) as Map<number, Version>;
    const number = Math.abs(view.version);
    versions.delete(view.version);
    for (const [key, version] of [...versions]) {
      if (version.state !== 'active') continue;
      const shape = { ...version.shape, version: key === number ? -number : key };
      versions.delete(key);
      versions.set(shape.version, { ...version, shape, state: 'retired', retiredAt: this.now() });
    }
    const shape = { ...activated.shape, version: number };
    versions.set(number, { ...activated, shape, state: 'active' });
  }

  async dropRetired(_sql: Sql, view: ViewShape, graceMs: number): Promise<readonly number[]> {
    const versions = this.views.get(view.name) ?? new Map<number, Version>();
    const due = [...versions].filter(
      ([, { state, retiredAt }]) => state === 'retired' && retiredAt <= this.now() - graceMs,
    );
    for (const [version] of due) versions.delete(version);
    return due.map(([version]) => version);
  }

  private version(view: ViewShape): Version {
    const version = this.views.get(view.name)?.get(view.version);
    if (version) return version;
    throw new SetupError('ViewNotReady', `View ${view.name} has no version ${view.version} yet`);
  }

  private active(view: ViewShape): Version {
    const versions = [...(this.views.get(view.name)?.values() ?? [])];
    return versions.find(({ state }) => state === 'active') ?? this.version(view);
  }
}

/** Views in a process of their own: what they hold is gone with it. */
export function memoryViews(now?: () => number): ViewAccess {
  const sql: Sql = { query: () => Promise.reject(noSql('This statement')) };
  return {
    tables: new MemoryViewTables(now),
    timers: new MemoryTimerTable(),
    ...{ sql, schema: 'memory' },
    transaction: (work) => work(sql),
    close: async () => undefined,
  };
}

function noSql(what: string): SetupError {
  return new SetupError(
    'NeedsPostgres',
    `${what} needs Postgres: a store in memory runs no SQL. Use store: { kind: 'postgres', ... }; embeddedPostgres() of troupe/embedded starts one`,
  );
}

function checkSame(made: ViewShape, declared: ViewShape): void {
  const [before, after] = [made, declared].map(({ columns }) =>
    columns
      .map(({ name, type }) => `${name} ${type}`)
      .sort()
      .join(', '),
  );
  const { name, version } = declared;
  if (before === after) {
    if (made.listens === declared.listens) return;
    throw new SetupError(
      'ViewChanged',
      `View ${name}: version ${version} was made listening to ${made.listens}, the definition to ${declared.listens}: raise its version to ${version + 1}`,
      { name, version, expected: made.listens, given: declared.listens },
    );
  }
  throw new SetupError(
    'ViewChanged',
    `View ${name}: version ${version} was made with the columns (${before}), the definition has (${after}): raise its version to ${version + 1}`,
    { name, version, expected: before, given: after },
  );
}

function toViewVersion({ shape, state, position }: Version): ViewVersion {
  return { version: shape.version, state, position };
}

function valuesIn(shape: ViewShape): (row: ViewRow, column: ViewColumn) => string | null {
  const places = new Map(shape.columns.map(({ name }, i) => [name, i]));
  return (row, { name }) =>
    name === 'key' ? row.key : (row.columns[places.get(name) as number] ?? null);
}

function passes(test: ViewTest, value: string | null): boolean {
  if (test.operator === 'isNull') return (value === null) === test.value;
  if (value === null) return test.operator === 'ne';
  if (test.operator === 'in')
    return test.values.some((one) => compareColumns(test.type, value, one) === 0);
  if (test.operator === 'prefix') return value.startsWith(test.value);
  const order = compareColumns(test.type, value, test.value);
  switch (test.operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
  }
}

/** Null counts as the highest value, as in Postgres. */
function comparePlaces(
  order: readonly ViewOrder[],
  a: readonly (string | null)[],
  b: readonly (string | null)[],
): number {
  for (const [i, { type, descending }] of order.entries()) {
    const [x, y] = [a[i] ?? null, b[i] ?? null];
    if (x === y) continue;
    const compared = x === null ? 1 : y === null ? -1 : compareColumns(type, x, y);
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}
