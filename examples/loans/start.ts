import type { PostgresOptions } from 'troupe';
import { describePlace, openDatabase, placeOf } from './replay/database.js';
import { failureOf } from './replay/failure.js';
import { defaultInFlight, sampleFile } from './replay/options.js';
import { type ReplaySetup, replay, startLoans } from './replay/replay.js';
import { reportOf } from './replay/report.js';
import { reportTable } from './replay/report-table.js';
import { onStopRequest } from './replay/stop-request.js';
import { disagreement, remarks } from './replay/summary.js';

const schema = 'troupe';

const next = `
Troupe is up, and every loan application of the sample is stored. Ctrl-C stops it. In another terminal:

  npm start                        shares this server, and finds everything stored already
  npm run replay -- FILE           replays a log of loan applications, such as the BPI Challenge 2012
                                   (.xes, .xes.gz); kill it whenever you like and run it again
  npx tsx examples/bank/main.ts    the smallest domain, in 60 lines`;

/** Replays the sample and stays up until it is asked to stop. Returns the exit code. */
async function main(): Promise<number> {
  const place = placeOf(process.env, schema);
  console.log(`Troupe: ${describePlace(place)}`);
  const { signal, release } = onStopRequest();
  try {
    if (place.url === undefined)
      console.log('starting Postgres, the first time takes some seconds');
    const database = await openDatabase(place, console.error);
    try {
      if (signal.aborted) return 0;
      return await run({ store: database.store, signal });
    } finally {
      await database.close();
      console.log('stopped');
    }
  } catch (error) {
    // Ctrl-C in a terminal reaches the programs that set up a server too.
    if (signal.aborted) return 0;
    throw error;
  } finally {
    release();
  }
}

async function run(given: { store: PostgresOptions; signal: AbortSignal }): Promise<number> {
  const options = { file: sampleFile, inFlight: defaultInFlight, shards: undefined };
  const setup: ReplaySetup = { ...given, ...options, onNotice: console.error };
  console.log('replaying the sample');
  const result = await replay(setup);
  if (!result) return 0;
  const { sent } = result;
  if (sent.deduplicated === sent.commands) console.log('already stored by an earlier start');
  console.log(`\n${reportTable(reportOf(sent, result.stored))}`);
  const problems = disagreement(result);
  for (const line of [...remarks(result), ...problems]) console.error(line);
  if (problems.length > 0) return 1;
  await stayUp(setup);
  return 0;
}

async function stayUp(setup: ReplaySetup): Promise<void> {
  const runtime = await startLoans(setup);
  console.log(next);
  await aborted(setup.signal);
  console.log('\nstopping');
  await runtime.stop();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  // A signal handler alone does not keep the process alive.
  const alive = setInterval(() => {}, 60_000);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(clearInterval(alive)), { once: true });
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  const { text, exitCode } = failureOf(error);
  console.error(`start: ${text}`);
  process.exitCode = exitCode;
}
