import { availableParallelism } from 'node:os';
import { type Runtime, startRuntime } from 'troupe';
import { openLoop } from './open-loop.js';
import { order, wait, work } from './sagas-domain.js';
import { benchServer, dropSchema, note, query, settingsOf } from './server.js';
import { median, percentile, rounded } from './statistics.js';

/** As many as a runtime has by default. */
const SHARDS = Math.max(1, availableParallelism() - 1);
const SCHEMA = 'bench_sagas';
const INSTANCES = 30_000;
const IN_FLIGHT = 1000;
const EVENTS_PER_SECOND = 500;
const TIMERS_PER_SECOND = 1000;
const SECONDS = 10;
const WARM_UP_SECONDS = 2;
/** Between the setting of the first timer and its firing: all are set before it. */
const TIMERS_BEGIN_MS = 12_000;

interface Figures {
  readonly stepsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly timerLateP50Ms: number;
  readonly timerLateP99Ms: number;
}

/** Sagas at full load, the way from an event to its command at a steady load, and how late timers fire. */
export async function sagasBench({ rounds }: { readonly rounds: number }): Promise<object> {
  const server = await benchServer();
  try {
    const settings = await settingsOf(server.url);
    const results: Figures[] = [];
    for (let i = 0; i < rounds; i++) {
      const figures = await oneRound(server.url);
      note(`round ${i + 1}: ${JSON.stringify(figures)}`);
      results.push(figures);
    }
    return { ...summary(results), settings: { ...settings, shards: SHARDS, rounds } };
  } finally {
    await server.stop();
  }
}

function summary(rounds: readonly Figures[]): Record<string, number> {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, rounded(median(rounds.map((round) => round[name])))]),
  );
}

async function oneRound(url: string): Promise<Figures> {
  await dropSchema(url, SCHEMA);
  const runtime = await startRuntime({
    domain: new URL('./sagas-domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: SHARDS,
    freezeState: false,
  });
  try {
    return {
      ...(await fullLoad(runtime, url)),
      ...(await steadyLoad(runtime, url)),
      ...(await timers(runtime, url)),
    };
  } finally {
    await runtime.stop();
    await dropSchema(url, SCHEMA);
  }
}

/** From the first event until the outcome of the last command has reached its instance. */
async function fullLoad(runtime: Runtime, url: string) {
  const orders = runtime.aggregate(order);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < INSTANCES; i = next++)
      await orders.send(`full-${i}`, { type: 'place', data: { dueAt: Date.now() } });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  await ended(runtime, work, INSTANCES);
  const [row] = await query<{ steps: string; events: string; seconds: number }>(
    url,
    `SELECT count(*) FILTER (WHERE aggregate = '$saga/work') AS steps,
            count(*) FILTER (WHERE aggregate = 'job') AS events,
            extract(epoch FROM max(recorded_at) - min(recorded_at))::float8 AS seconds
     FROM ${SCHEMA}.events WHERE id LIKE 'full-%'`,
  );
  const seconds = row?.seconds ?? 0;
  return {
    stepsPerSecond: Number(row?.steps) / seconds,
    eventsPerSecond: Number(row?.events) / seconds,
  };
}

/** From when an event was due to be sent until its command is about to be committed. */
async function steadyLoad(runtime: Runtime, url: string) {
  const orders = runtime.aggregate(order);
  const warmUp = EVENTS_PER_SECOND * WARM_UP_SECONDS;
  const start = Date.now();
  await openLoop({
    ...{ perSecond: EVENTS_PER_SECOND, seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS },
    send(index) {
      const dueAt = start + (index * 1000) / EVENTS_PER_SECOND;
      const id = `${index < warmUp ? 'warm' : 'steady'}-${index}`;
      return orders.send(id, { type: 'place', data: { dueAt } });
    },
  });
  await ended(runtime, work, INSTANCES + EVENTS_PER_SECOND * (SECONDS + WARM_UP_SECONDS));
  const rows = await query<{ ms: number }>(
    url,
    `SELECT extract(epoch FROM d.recorded_at)::float8 * 1000 - (p.data->>'dueAt')::float8 AS ms
     FROM ${SCHEMA}.events p JOIN ${SCHEMA}.events d ON d.aggregate = 'job' AND d.id = p.id
     WHERE p.aggregate = 'order' AND p.id LIKE 'steady-%' ORDER BY ms`,
  );
  const latencies = rows.map(({ ms }) => ms);
  return { latencyP50Ms: percentile(latencies, 0.5), latencyP99Ms: percentile(latencies, 0.99) };
}

/** From when a timer is due until the step that it causes is about to be committed. */
async function timers(runtime: Runtime, url: string) {
  const orders = runtime.aggregate(order);
  const count = TIMERS_PER_SECOND * SECONDS;
  const begin = Date.now() + TIMERS_BEGIN_MS;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const inMs = begin + (i * 1000) / TIMERS_PER_SECOND - Date.now();
      await orders.send(`timer-${i}`, { type: 'remind', data: { inMs } });
    }
  };
  await Promise.all(Array.from({ length: 200 }, lane));
  await ended(runtime, wait, count);
  const rows = await query<{ ms: number }>(
    url,
    `SELECT extract(epoch FROM f.recorded_at)::float8 * 1000 - (s.data->'timersSet'->0->>'due')::float8 AS ms
     FROM ${SCHEMA}.events s JOIN ${SCHEMA}.events f
       ON f.aggregate = s.aggregate AND f.id = s.id AND f.version = 2
     WHERE s.aggregate = '$saga/wait' AND s.version = 1 ORDER BY ms`,
  );
  const late = rows.map(({ ms }) => ms);
  return { timerLateP50Ms: percentile(late, 0.5), timerLateP99Ms: percentile(late, 0.99) };
}

async function ended(
  runtime: Runtime,
  saga: Parameters<Runtime['saga']>[0],
  count: number,
): Promise<void> {
  while ((await runtime.saga(saga).count({ status: 'done' })) < count)
    await new Promise((resolve) => setTimeout(resolve, 200));
}
