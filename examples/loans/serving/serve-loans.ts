import type { PostgresOptions, Runtime } from 'troupe';
import { createHttp } from 'troupe/http';
import { keepLiveLoad } from '../live/live-load.js';
import { loanApplication } from '../loan-application.js';
import { readLoanCases } from '../loan-case.js';
import { openDatabase, type Place } from '../replay/database.js';
import { defaultInFlight, sampleFile } from '../replay/options.js';
import { type Replay, startLoans } from '../replay/replay.js';
import { reportOf } from '../replay/report.js';
import { reportTable } from '../replay/report-table.js';
import { sendLog } from '../replay/send-log.js';
import { readStoredLog } from '../replay/stored-log.js';
import { disagreement, remarks } from '../replay/summary.js';
import { withDashboard } from './dashboard.js';
import type { FrontDoor } from './front-door.js';

/** What is served, and where. */
export interface ServingSetup {
  readonly place: Place;
  readonly door: FrontDoor;
  /** Aborted when it is to stop. */
  readonly signal: AbortSignal;
}

/** A second one has something to show on the page of shards. */
const SHARDS = 2;
/** Whoever pressed Ctrl-C waits for this: what the slow actor has not begun is refused. */
const DRAIN_MS = 500;

const next = (url: string) => `
Troupe is up, and every loan application of the sample is stored. New ones keep coming, some a minute.
One customer file has no address: the handler of letters parks it, for you to look at, to retry or to skip.

  ${url}/        every actor from inside: the dashboard
  ${url}/docs    the API

Ctrl-C stops it. In another terminal:

  npm start                        shares this server, and finds everything stored already
  npm run replay -- FILE           replays a log of loan applications, such as the BPI Challenge 2012
                                   (.xes, .xes.gz); kill it whenever you like and run it again
  npx tsx examples/bank/main.ts    the smallest domain, in 60 lines`;

/** Serves the loans while the sample is replayed and after, until it is asked to stop. Returns the exit code. */
export async function serveLoans(setup: ServingSetup): Promise<number> {
  const ended = new AbortController();
  const signal = AbortSignal.any([setup.signal, ended.signal]);
  const sayStopping = () => console.log('\nstopping');
  setup.signal.addEventListener('abort', sayStopping, { once: true });
  const dashboard = withDashboard(setup.door, signal);
  try {
    return await onDatabase(setup);
  } finally {
    setup.signal.removeEventListener('abort', sayStopping);
    ended.abort();
    await dashboard;
  }
}

async function onDatabase({ place, door, signal }: ServingSetup): Promise<number> {
  if (place.url === undefined) console.log('starting Postgres, the first time takes some seconds');
  const opening = openDatabase(place, console.error);
  const database = await door.while('Postgres is starting', opening);
  try {
    if (signal.aborted) return 0;
    return await onRuntime(database.store, { door, signal });
  } finally {
    await database.close();
    console.log('stopped');
  }
}

type Serving = Pick<ServingSetup, 'door' | 'signal'>;

async function onRuntime(store: PostgresOptions, { door, signal }: Serving): Promise<number> {
  const domain = new URL('../live/domain.ts', import.meta.url);
  const indexes = { commands: true, correlations: true };
  const options = { store, domain, indexes, shards: SHARDS, onNotice: console.error };
  const starting = startLoans(options);
  const runtime = await door.while('Actors and subscriptions are starting', starting);
  const stop = () => void runtime.stop({ drainMs: DRAIN_MS });
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) return 0; // while it was starting
    const info = { title: 'Loan applications', version: '1.0.0' };
    door.open(createHttp(runtime, { commands: true, verbs: true, info }));
    return await onSample(runtime, { door, signal });
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all([door.close(), runtime.stop({ drainMs: DRAIN_MS })]);
  }
}

async function onSample(runtime: Runtime, { door, signal }: Serving): Promise<number> {
  console.log('replaying the sample');
  const result = await replayOn(runtime, signal);
  if (!result) return 0;
  const { sent, stored } = result;
  if (sent.deduplicated === sent.commands) console.log('already stored by an earlier start');
  console.log(`\n${reportTable(reportOf(sent, stored))}`);
  const problems = disagreement(result);
  for (const line of [...remarks(result), ...problems]) console.error(line);
  if (problems.length > 0) return 1;
  console.log(next(door.url));
  await keepLiveLoad({ runtime, signal, onNotice: console.error });
  return 0;
}

/** As `npm run replay`, but without a restart in between. Resolves to undefined if it was aborted. */
async function replayOn(runtime: Runtime, signal: AbortSignal): Promise<Replay | undefined> {
  try {
    const client = runtime.aggregate(loanApplication);
    const sending = { client, signal, inFlight: defaultInFlight };
    const sent = await sendLog(readLoanCases(sampleFile), sending);
    if (signal.aborted) return undefined;
    await runtime.advanceTo(sent.endsAt);
    return { sent, stored: await readStoredLog(runtime, [...sent.cases.keys()]) };
  } catch (error) {
    // Whatever waits for a runtime that stops fails.
    if (!signal.aborted) throw error;
    return undefined;
  }
}
