import { Command, Option } from 'commander';
import { resolvePostgres } from '../postgres/options.js';
import { PostgresInline } from '../postgres/postgres-inline.js';
import { unknownInline } from '../projection/inline-projections.js';
import type { InlineRegistry, StoredInline } from '../store/inline.js';
import { schemaOption } from './schema-option.js';

interface Options {
  readonly url: string;
  readonly schema: string;
  readonly json?: true;
}

/** `troupe inline`: which inline projections a log has, and how one is removed. */
export function inlineCommand(): Command {
  const list = withDatabase(new Command('list'))
    .description('print every version of every inline projection of the log')
    .option('--json', 'as a JSON list')
    .action((options: Options) =>
      onRegistry(options, async (registry) => {
        const all = await registry.list();
        return options.json ? JSON.stringify(all, null, 2) : all.map(line).join('\n');
      }),
    );
  const remove = withDatabase(new Command('remove'))
    .description('end an inline projection in all processes, for good, and drop its tables')
    .argument('<name>', 'its name')
    .action((name: string, options: Options) =>
      onRegistry(options, async (registry) => {
        if (!(await registry.remove(name))) throw unknownInline(name);
        return `removed ${name}`;
      }),
    );
  return new Command('inline')
    .description('list or remove the inline projections of a log')
    .exitOverride()
    .addCommand(list)
    .addCommand(remove);
}

function withDatabase(command: Command): Command {
  const url = new Option('--url <url>', 'connection string of the database').env('DATABASE_URL');
  return command.addOption(url.makeOptionMandatory()).addOption(schemaOption()).exitOverride();
}

async function onRegistry(
  { url, schema }: Options,
  work: (registry: InlineRegistry) => Promise<string>,
): Promise<void> {
  const registry = new PostgresInline(resolvePostgres({ kind: 'postgres', url, schema }));
  try {
    const text = await work(registry);
    if (text !== '') process.stdout.write(`${text}\n`);
  } finally {
    await registry.close();
  }
}

function line({ name, version, state, position }: StoredInline): string {
  return `${name}@${version}  ${state}${state === 'filling' ? ` (position ${position})` : ''}`;
}
