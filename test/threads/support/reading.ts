import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from 'troupe';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { tallies } from './readers.js';
import { infoOf } from './seen.js';
import type { TestDatabase } from './use-database.js';
import type { Workload } from './workload.js';

export const readersUrl = new URL('./readers.js', import.meta.url);

/** An event of the log, whatever its aggregate. */
export interface AnyRow {
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly data: { readonly token: string };
  readonly metadata: Readonly<Record<string, unknown>>;
}

export async function logOf(db: TestDatabase): Promise<AnyRow[]> {
  const { rows } = await db.admin.query(
    `SELECT position::int, aggregate, id, version::int, type, data, metadata FROM ${db.schema}.events ORDER BY position`,
  );
  return rows as AnyRow[];
}

/** Waits until a subscription has come to the end of what it wants. */
export async function caughtUp(runtime: Runtime, ...names: string[]): Promise<void> {
  for (const name of names)
    await eventually(async () => {
      const info = await infoOf(runtime, name);
      // While a version is being built, the one that serves is at the end.
      expect(info).toMatchObject({ name, lag: 0, state: 'live', rebuild: undefined });
    });
}

/** The view holds what a fold of the log gives. */
export async function expectTallies(db: TestDatabase, runtime: Runtime): Promise<void> {
  const counts = new Map<string, number>();
  for (const { aggregate, id } of await logOf(db))
    if (aggregate === 'tally') counts.set(id, (counts.get(id) ?? 0) + 1);
  const expected = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const view = runtime.view(tallies);
  const { items } = await view.find({ limit: 1000 });
  expect(items).toEqual(
    expected.map(([key, seen]) => ({ key, document: { seen, version: seen, inOrder: true } })),
  );
}

/** Each event of the tallies once in the table of the projection, in the order in which it was handled. */
export async function expectTokens(db: TestDatabase, version = 1): Promise<void> {
  const { rows } = await db.admin.query(
    `SELECT position::int, token FROM ${db.schema}.projection_tokens_v${version}_all ORDER BY n`,
  );
  const log = (await logOf(db)).filter(({ aggregate }) => aggregate === 'tally');
  expect(rows).toEqual(log.map(({ position, data }) => ({ position, token: data.token })));
}

/** Each event that was echoed once, on behalf of the event that caused it. */
export async function expectEchoes(db: TestDatabase): Promise<void> {
  const log = await logOf(db);
  const added = log.filter(({ type }) => type === 'added');
  const noted = log.filter(({ aggregate }) => aggregate === 'mirror');
  expect(noted.map(({ id, data }) => `${id} ${data.token}`)).toEqual(
    added.map(({ id, data }) => `${id} ${data.token}`),
  );
  expect(noted.map(({ metadata }) => metadata.causationId)).toEqual(
    added.map(({ id, version }) => `tally/${id}@${version}`),
  );
  expect(noted.map(({ metadata }) => metadata.correlationId)).toEqual(
    added.map(({ metadata }) => metadata.correlationId),
  );
}

/** A file for what is published; `ids` are those of its events. */
export function outFile(): { readonly path: string; ids(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-out-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'events.ndjson');
  process.env.OUT_FILE = path;
  return {
    path,
    ids: () =>
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
  };
}

/** Keeps commands under way until `end` is called, or the test is over. */
export function underLoad(load: Workload, ids: readonly string[], concurrency: number) {
  let isOver = false;
  // Refusals come at once: without this nothing else would have its turn when the runtime has stopped.
  const hasStopped = () => load.sent.at(-1)?.error?.code === 'Stopping';
  const running = load.run(ids, concurrency, () => isOver || hasStopped());
  onTestFinished(() => {
    isOver = true;
  });
  return {
    async end(): Promise<void> {
      isOver = true;
      await running;
      await load.settled();
    },
  };
}
