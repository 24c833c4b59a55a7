import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startRuntime } from 'troupe';
import { sendFile } from '../examples/loans/replay/replay.js';
import { sampleLog } from '../examples/loans/sample/sample-log.js';
import { loanOutcomes } from '../examples/loans/views/loan-outcomes.js';
import { dropSchema, note, query } from './server.js';
import { median, rounded } from './statistics.js';

const SCHEMA = 'bench_catch_up';
const IN_FLIGHT = 1000;
const APPLICATIONS = 13_087;
const EVENTS = 262_200;
const CURSOR_ROWS = 1000;

/** Events per second. */
interface Round {
  readonly bare: number;
  readonly catchUp: number;
  readonly rebuild: number;
}

/** A view over a whole log, and its rebuild, beside a bare read and parse of the same rows. */
export async function catchUp(
  url: string,
  { file, rounds }: { readonly file: string | undefined; readonly rounds: number },
): Promise<Record<string, number>> {
  await dropSchema(url, SCHEMA);
  await store(url, file);
  const done: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    done.push(await oneRound(url));
    note(`catching up, round ${i + 1}: ${JSON.stringify(done.at(-1))}`);
  }
  await dropSchema(url, SCHEMA);
  const of = (figure: (round: Round) => number): number => rounded(median(done.map(figure)));
  return {
    catchUpPerSecond: of((round) => round.catchUp),
    catchUpRatio: of((round) => round.catchUp / round.bare),
    rebuildPerSecond: of((round) => round.rebuild),
    rebuildRatio: of((round) => round.rebuild / round.bare),
    barePerSecond: of((round) => round.bare),
  };
}

/** Sends the log, or an invented one of the size of the real one. */
async function store(url: string, file: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-bench-'));
  try {
    const log = file ?? join(folder, 'log.xes');
    if (file === undefined) await writeFile(log, sampleLog(APPLICATIONS, EVENTS));
    const { commands, rejected } = await sendFile({
      file: log,
      domain: new URL('./loans-domain.ts', import.meta.url),
      store: { kind: 'postgres', url, schema: SCHEMA },
      shards: undefined,
      inFlight: IN_FLIGHT,
      signal: new AbortController().signal,
      onNotice: note,
    });
    note(`${commands} commands are stored, ${rejected} were rejected`);
  } finally {
    await rm(folder, { recursive: true });
  }
  await query(url, `ANALYZE ${SCHEMA}.events`);
  await query(url, 'CHECKPOINT');
}

async function oneRound(url: string): Promise<Round> {
  const [{ end = 0, count = 0 } = {}] = await query<{ end: number; count: number }>(
    url,
    `SELECT max(position)::float8 AS end, count(*)::float8 AS count FROM ${SCHEMA}.events`,
  );
  const perSecond = async (work: () => Promise<void>): Promise<number> => {
    const start = performance.now();
    await work();
    return rounded((count * 1000) / (performance.now() - start));
  };
  const bare = await perSecond(() => readAndParse(url));
  await forgetView(url);
  let runtime: Awaited<ReturnType<typeof open>> | undefined;
  // The start of the runtime and of its threads is in it.
  const caughtUp = await perSecond(async () => {
    runtime = await open(url);
    await runtime.waitFor(loanOutcomes.name, end, { timeoutMs: 120_000 });
  });
  const rebuilt = await perSecond(async () => runtime?.view(loanOutcomes).rebuild());
  await runtime?.stop();
  return { bare, catchUp: caughtUp, rebuild: rebuilt };
}

function open(url: string) {
  return startRuntime({
    domain: new URL('./loans-view-domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
  });
}

/** So that the next round begins at the beginning. */
async function forgetView(url: string): Promise<void> {
  await query(url, `DELETE FROM ${SCHEMA}.subscriptions`);
  await query(url, `DELETE FROM ${SCHEMA}.views`);
  // A rebuild leaves it in the other one of two tables.
  for (const table of ['view_loan_outcomes_v1', 'view_loan_outcomes_v1_next'])
    await query(url, `DROP TABLE IF EXISTS ${SCHEMA}.${table}`);
}

/** The floor: a cursor over the log in order of position, and what any reader makes of a row. */
async function readAndParse(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `DECLARE log CURSOR FOR SELECT position, aggregate, id, version, type, schema_version, data::text AS data,
         metadata::text AS metadata, command_id, occurred_at, recorded_at FROM ${SCHEMA}.events ORDER BY position`,
    );
    for (;;) {
      const { rows } = await client.query<{ data: string; metadata: string }>(
        `FETCH ${CURSOR_ROWS} FROM log`,
      );
      if (rows.length === 0) return;
      for (const row of rows) {
        JSON.parse(row.data);
        JSON.parse(row.metadata);
      }
    }
  } finally {
    await client.end();
  }
}
