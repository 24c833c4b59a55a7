import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { startRuntime } from 'troupe';
import { naiveTable } from './naive.js';
import type { ChildReport, ChildTask } from './processes-child.js';
import { benchServer, dropSchema, note, query } from './server.js';
import { rounded } from './statistics.js';

const PROCESSES = [1, 2, 3];
/** In all processes together. */
const IN_FLIGHT = 600;
const SPREAD_IDS = 10_000;
const SCHEMA = 'bench_processes';
const WARM_UP_MS = 1500;
const RUN_MS = 2500;

type Kind = ChildTask['kind'];

interface Setting {
  readonly url: string;
  readonly kind: Kind;
  readonly ids: number;
}

/**
 * Durable commands per second of 1, 2 and 3 processes on one log, each sending to all ids, beside the same
 * processes with a hand-written load-decide-append and as many commands in flight.
 */
export async function processesBench(): Promise<object> {
  const server = await benchServer();
  try {
    const { url } = server;
    return {
      spread: await perSecond({ url, kind: 'troupe', ids: SPREAD_IDS }),
      hot: await perSecond({ url, kind: 'troupe', ids: 1 }),
      naiveSpread: await perSecond({ url, kind: 'naive', ids: SPREAD_IDS }),
      naiveHot: await perSecond({ url, kind: 'naive', ids: 1 }),
    };
  } finally {
    await server.stop();
  }
}

async function perSecond(setting: Setting): Promise<number[]> {
  const figures: number[] = [];
  for (const processes of PROCESSES) {
    const figure = rounded(await oneRound(setting, processes));
    note(`${setting.kind}, ${setting.ids} ids, ${processes} processes: ${figure}/s`);
    figures.push(figure);
  }
  return figures;
}

async function oneRound({ url, kind, ids }: Setting, processes: number): Promise<number> {
  await dropSchema(url, SCHEMA);
  if (kind === 'naive') await query(url, naiveTable(SCHEMA));
  else await prepareSchema(url);
  const inFlight = Math.floor(IN_FLIGHT / processes);
  const task = { url, schema: SCHEMA, kind, ids, inFlight, warmUpMs: WARM_UP_MS, runMs: RUN_MS };
  const children = Array.from({ length: processes }, () => start(task));
  try {
    await Promise.all(children.map((child) => told(child)));
    for (const child of children) child.send('go');
    const reports = (await Promise.all(children.map((child) => told(child)))) as ChildReport[];
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    return reports.reduce((sum, { commands, seconds }) => sum + commands / seconds, 0);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

/** By a runtime that is stopped at once, so that the processes need not wait for each other's migrations. */
async function prepareSchema(url: string): Promise<void> {
  const runtime = await startRuntime({
    domain: new URL('./domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: 1,
  });
  await runtime.stop();
}

function start(task: ChildTask): ChildProcess {
  const child = fork(new URL('./processes-child.js', import.meta.url));
  child.send(task);
  return child;
}

/** What a child says next. */
async function told(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const died = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('a process of the bench ended early');
  });
  died.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), died])) as [unknown];
  ended.abort();
  return message;
}
