import { parseArgs } from 'node:util';
import { httpBench } from './http.js';
import { inlineCost } from './inline.js';
import { processesBench } from './processes.js';
import { projectionsBench } from './projections.js';
import { recoveryBench } from './recovery.js';
import { replayBench } from './replay.js';
import { sagasBench } from './sagas.js';
import { takeoverBench } from './takeover.js';
import { throughputBench } from './throughput.js';

const USAGE = `usage: npm run bench -- NAME [FILE] [--rounds N] [--json]

  throughput   durable commands per second beside the bare insert
  processes    1, 2 and 3 processes on one log beside a hand-written load-decide-append
  replay FILE  a whole event log, keyed, beside the bare insert of the same rows
  takeover     from the end of an owner to the first command of the process that stands by
  http         commands by POST beside a bare hono echo, at 100 connections
  projections [FILE]   views catching up, behind the log, and beside commands
  inline       what one inline projection costs at full load
  sagas        steps per second, the way from an event to a command, and how late timers fire
  recovery     cold actors one at a time and in bulk, and the first command of a new process

TROUPE_BENCH_DATABASE_URL names a server; without it an embedded one is used.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
    },
  });
  const result = await run(positionals, Number(values.rounds));
  if (!result) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else console.table(result);
  return 0;
}

async function run([name, file]: readonly string[], rounds: number): Promise<object | undefined> {
  switch (name) {
    case 'throughput':
      return throughputBench({ rounds });
    case 'processes':
      return processesBench();
    case 'replay':
      return file === undefined ? undefined : replayBench({ file, rounds });
    case 'takeover':
      return takeoverBench({ rounds });
    case 'http':
      return httpBench({ rounds });
    case 'projections':
      return projectionsBench({ file, rounds });
    case 'inline':
      return inlineCost({ rounds });
    case 'sagas':
      return sagasBench({ rounds });
    case 'recovery':
      return recoveryBench();
    default:
      return undefined;
  }
}

process.exitCode = await main();
