import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RecoveryRecord, type Runtime, startRuntime } from 'troupe';
import { layDown } from './cold-actors.js';
import { dormant } from './recovery-domain.js';
import { benchServer, dropSchema, note, query, settingsOf } from './server.js';
import { median, percentile, rounded } from './statistics.js';

const SHARDS = 2;
const SCHEMA = 'bench_recovery';
const WARM_UP = 300;
const SINGLE = { prefix: 'single-', count: 1300, snapshotAt: 50, tail: 100 };
const BULK = { prefix: 'bulk-', count: 20_000, snapshotAt: 10, tail: 10 };
const IN_FLIGHT = 1000;
const STARTS = 5;

/** How soon actors that are not in memory, and a process that does not run yet, serve a command. */
export async function recoveryBench(): Promise<object> {
  const server = await benchServer();
  try {
    const settings = await settingsOf(server.url);
    await dropSchema(server.url, SCHEMA);
    await (await open(server.url)).stop(); // makes the schema
    for (const actors of [SINGLE, BULK]) await layDown(server.url, SCHEMA, actors);
    await query(server.url, `ANALYZE ${SCHEMA}.events, ${SCHEMA}.snapshots`);
    await query(server.url, 'CHECKPOINT');
    const { activation, query: asked } = await oneAtATime(server.url);
    note(`one at a time: p50 ${rounded(activation.p50)} ms, p99 ${rounded(activation.p99)} ms`);
    const perSecond = await inBulk(server.url);
    note(`in bulk: ${rounded(perSecond)} cold actors/s`);
    const starts = await firstCommands(server.url);
    note(`first command: ${starts.map(rounded).join(', ')} ms after the process was started`);
    await dropSchema(server.url, SCHEMA);
    return {
      coldActorsPerSecond: rounded(perSecond),
      p50MsTail100: rounded(activation.p50),
      p99MsTail100: rounded(activation.p99),
      queryP50MsTail100: rounded(asked.p50),
      queryP99MsTail100: rounded(asked.p99),
      firstCommandAfterStartMs: rounded(median(starts)),
      settings: { ...settings, shards: SHARDS, single: SINGLE, bulk: BULK, inFlight: IN_FLIGHT },
    };
  } finally {
    await server.stop();
  }
}

function open(url: string): Promise<Runtime> {
  return startRuntime({
    domain: new URL('./recovery-domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: SHARDS,
    freezeState: false,
  });
}

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/**
 * Activations as their shards tell of them: from the first command's arrival until snapshot and tail are
 * loaded and replayed. And the whole query, which also asks the log whether anything was added since.
 */
async function oneAtATime(url: string): Promise<{ activation: Times; query: Times }> {
  const activations: number[] = [];
  const take = (record: unknown): void =>
    void activations.push((record as RecoveryRecord).durationSeconds * 1000);
  subscribe('troupe:recovery', take);
  const runtime = await open(url);
  const actors = runtime.aggregate(dormant);
  const times: number[] = [];
  for (let i = 0; i < SINGLE.count; i++) {
    const start = performance.now();
    check(await actors.state(`${SINGLE.prefix}${i}`), SINGLE.snapshotAt + SINGLE.tail);
    if (i >= WARM_UP) times.push(performance.now() - start);
  }
  await runtime.stop();
  unsubscribe('troupe:recovery', take);
  if (activations.length !== SINGLE.count)
    throw new Error(`${SINGLE.count} actors were asked for, ${activations.length} activated`);
  return { activation: timesOf(activations.slice(WARM_UP)), query: timesOf(times) };
}

function timesOf(milliseconds: readonly number[]): Times {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

async function inBulk(url: string): Promise<number> {
  const runtime = await open(url);
  const actors = runtime.aggregate(dormant);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < BULK.count; i = next++)
      check(await actors.state(`${BULK.prefix}${i}`), BULK.snapshotAt + BULK.tail);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - start) / 1000;
  await runtime.stop();
  return BULK.count / seconds;
}

/** Milliseconds from the start of a process to its first stored command. */
async function firstCommands(url: string): Promise<number[]> {
  const file = fileURLToPath(new URL('./first-command.js', import.meta.url));
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const start = performance.now();
    const child = spawn(process.execPath, [file, url, SCHEMA], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    times.push(performance.now() - start);
    const [code] = (await exited) as [number | null];
    if (code !== 0) throw new Error(`a process with one command ended with code ${code}`);
  }
  return times;
}

function check(at: { readonly version: number } | undefined, version: number): void {
  if (at?.version !== version) throw new Error(`expected version ${version}, got ${at?.version}`);
}
