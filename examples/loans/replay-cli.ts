import { readLoanCases } from './loan-case.js';
import { describePlace, openDatabase, type Place, placeOf } from './replay/database.js';
import { failureOf } from './replay/failure.js';
import { type ReplayOptions, readOptions, usage } from './replay/options.js';
import { ProgressLine } from './replay/progress-line.js';
import { replay } from './replay/replay.js';
import { reportOf } from './replay/report.js';
import { reportTable } from './replay/report-table.js';
import { onStopRequest } from './replay/stop-request.js';
import { disagreement, remarks } from './replay/summary.js';

/*
 * Stdout is for the report alone. Exit codes: 0 what is stored agrees with what was read, 1 it does
 * not, 2 the replay could not do its work, 130 and 143 stopped by SIGINT and SIGTERM.
 */
const stoppedCodes = new Map<unknown, number>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
]);

const note = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const place = placeOf(process.env, options.schema);
  // A file that cannot be read is told before a database is touched.
  for await (const _first of readLoanCases(options.file)) break;
  note(`${options.file} to ${describePlace(place)}`);
  return await replayTo(place, options);
}

async function replayTo(place: Place, options: ReplayOptions): Promise<number> {
  const { signal, release } = onStopRequest();
  const stopped = () => {
    note('stopped: run it again to continue, nothing is stored twice');
    return stoppedCodes.get(signal.reason) ?? 1;
  };
  try {
    const database = await openDatabase(place, note);
    try {
      const code = signal.aborted
        ? undefined
        : await replayAndReport({ ...options, store: database.store, signal });
      return code ?? stopped();
    } finally {
      await database.close();
    }
  } catch (error) {
    // Ctrl-C in a terminal reaches the programs that set up a server too.
    if (signal.aborted) return stopped();
    throw error;
  } finally {
    release();
  }
}

type ReplayRun = ReplayOptions & Pick<Parameters<typeof replay>[0], 'store' | 'signal'>;

async function replayAndReport(run: ReplayRun): Promise<number | undefined> {
  const progress = new ProgressLine(process.stderr);
  const onNotice = (message: string) => {
    progress.clear();
    note(message);
  };
  const onProgress = (commands: number) => progress.show(commands);
  const result = await replay({ ...run, onNotice, onProgress }).finally(() => progress.clear());
  if (!result) return undefined;
  const report = reportOf(result.sent, result.stored);
  process.stdout.write(`${run.json ? JSON.stringify(report) : reportTable(report)}\n`);
  const problems = disagreement(result);
  for (const line of [...remarks(result), ...problems]) note(line);
  return problems.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { text, exitCode } = failureOf(error);
  note(`replay: ${text}`);
  process.exitCode = exitCode;
}
