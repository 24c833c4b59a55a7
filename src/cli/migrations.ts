import { Command, InvalidArgumentError, Option } from 'commander';
import { allMigrationsSql, MIGRATIONS } from '../postgres/migrations/index.js';
import { schemaProblem } from '../postgres/names.js';
import { DEFAULT_SCHEMA } from '../postgres/options.js';

interface MigrationsOptions {
  readonly sql?: true;
  readonly json?: true;
  readonly schema: string;
}

/** `troupe migrations`: the migrations for people who apply them themselves. */
export function migrationsCommand(): Command {
  const schema = new Option('--schema <name>', 'schema that holds the tables')
    .default(DEFAULT_SCHEMA)
    .argParser(parseSchema);
  return new Command('migrations')
    .description('print the migrations of this release')
    .option('--sql', 'as one SQL script in one transaction')
    .addOption(new Option('--json', 'as a JSON list of number and name').conflicts('sql'))
    .addOption(schema)
    .exitOverride()
    .action((options: MigrationsOptions, command: Command) => {
      if (!options.sql && !options.json) command.error('error: expected --sql or --json');
      const text = options.sql ? allMigrationsSql(options.schema) : list();
      process.stdout.write(text);
    });
}

function list(): string {
  return `${JSON.stringify(
    MIGRATIONS.map(({ number, name }) => ({ number, name })),
    null,
    2,
  )}\n`;
}

function parseSchema(name: string): string {
  const problem = schemaProblem(name);
  if (problem) throw new InvalidArgumentError(problem);
  return name;
}
