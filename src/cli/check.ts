import { Command, InvalidArgumentError, Option } from 'commander';
import { Census } from '../postgres/census.js';
import { resolvePostgres } from '../postgres/options.js';
import { type CheckResult, checkLog } from './check-log.js';
import { checkReport } from './check-report.js';
import { loadDomain } from './load-domain.js';
import { schemaOption } from './schema-option.js';

interface Options {
  readonly domain: string;
  readonly url: string;
  readonly schema: string;
  readonly sample?: number;
  readonly json?: true;
}

/** `troupe check`: can this code read what the log holds? Exits with 0 if so, 1 if not, 2 if it cannot tell. */
export function checkCommand(): Command {
  const url = new Option('--url <url>', 'connection string of the database').env('DATABASE_URL');
  const sample = new Option(
    '--sample <n>',
    'read only the oldest n events of each type and version',
  );
  return new Command('check')
    .description('compare a domain module with what the log holds')
    .requiredOption('--domain <file>', 'module that exports the definitions')
    .addOption(url.makeOptionMandatory())
    .addOption(schemaOption())
    .addOption(sample.argParser(parseSample))
    .option('--json', 'as one JSON object')
    .exitOverride()
    .action(async (options: Options, command: Command) => {
      const result = await check(options).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        return command.error(`troupe check: ${reason || String(error)}`);
      });
      const text = options.json ? `${JSON.stringify(result, null, 2)}\n` : checkReport(result);
      process.stdout.write(text);
      if (!result.clean) process.exitCode = 1;
    });
}

async function check({ domain: file, url, schema, sample }: Options): Promise<CheckResult> {
  const domain = await loadDomain(file);
  const options = resolvePostgres({ kind: 'postgres', url, schema });
  const census = await Census.open(options, domain.credentials);
  try {
    return await checkLog(domain, census, { sample, onProgress });
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    await census.close();
  }
}

function onProgress(read: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\rread ${read} of ${total} events`);
}

function parseSample(given: string): number {
  const count = Number(given);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('expected a whole number from 1');
}
