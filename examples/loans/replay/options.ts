import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface ReplayOptions {
  /** The log: `.xes` or `.xes.gz`. */
  readonly file: string;
  readonly schema: string;
  /** Undefined leaves it to the runtime. */
  readonly shards: number | undefined;
  /** Commands under way at once. */
  readonly inFlight: number;
  readonly json: boolean;
}

/** The invented log that comes with this example. */
export const sampleFile = fileURLToPath(new URL('../sample.xes', import.meta.url));

export const defaultInFlight = 1_000;

export const usage = `usage: npm run replay -- [FILE] [--shards N] [--in-flight N] [--schema NAME] [--json]

Sends every event of a log of loan applications (.xes, .xes.gz; without FILE the sample) as a command,
restarts and reports what is stored. A second run changes nothing.

  --shards N      threads that run actors, 0 for none (default: cores - 1)
  --in-flight N   commands under way at once (default: ${defaultInFlight})
  --schema NAME   schema of the log (default: troupe)
  --json          the report as one JSON object on stdout

DATABASE_URL names the database; without it a server is started in .troupe.`;

/** Reads the command line; undefined if it asks for help. Throws a `RangeError` or `TypeError` that says what is wrong. */
export function readOptions(args: readonly string[]): ReplayOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      shards: { type: 'string' },
      'in-flight': { type: 'string', default: String(defaultInFlight) },
      schema: { type: 'string', default: 'troupe' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [file = sampleFile, ...others] = positionals;
  if (others.length > 0) throw new RangeError(`one FILE is expected, got ${positionals.length}`);
  const { schema, json } = values;
  const shards = values.shards === undefined ? undefined : whole('--shards', values.shards, 0, 64);
  return {
    file,
    schema,
    shards,
    json,
    inFlight: whole('--in-flight', values['in-flight'], 1, 50_000),
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new RangeError(`${option}: expected a whole number from ${least} to ${most}, got ${text}`);
}
