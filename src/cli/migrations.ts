import { Command, Option } from 'commander';
import { allMigrationsSql, MIGRATIONS } from '../postgres/migrations/index.js';
import { schemaOption } from './schema-option.js';

interface MigrationsOptions {
  readonly sql?: true;
  readonly json?: true;
  readonly schema: string;
}

/** `troupe migrations`: the migrations for people who apply them themselves. */
export function migrationsCommand(): Command {
  return new Command('migrations')
    .description('print the migrations of this release')
    .option('--sql', 'as one SQL script in one transaction')
    .addOption(new Option('--json', 'as a JSON list of number and name').conflicts('sql'))
    .addOption(schemaOption())
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
