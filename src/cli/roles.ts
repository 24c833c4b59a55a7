import { Command } from 'commander';
import { allMigrationsSql } from '../postgres/migrations/index.js';
import { defaultRoleNames, rolesSql } from '../postgres/roles.js';
import { schemaOption } from './schema-option.js';

interface RolesOptions {
  readonly sql?: true;
  readonly schema: string;
  readonly owner?: string;
  readonly app?: string;
  readonly reader?: string;
}

/** `troupe roles`: roles with no right that they do not need, for people who set up the database themselves. */
export function rolesCommand(): Command {
  return new Command('roles')
    .description('print roles that own, use and read a log, with its schema')
    .option('--sql', 'as one SQL script for a superuser')
    .addOption(schemaOption())
    .option('--owner <name>', 'role that owns the schema (default: <schema>_owner)')
    .option('--app <name>', 'role that processes connect as (default: <schema>_app)')
    .option('--reader <name>', 'role that may read (default: <schema>_reader)')
    .exitOverride()
    .action(({ sql, schema, ...given }: RolesOptions, command: Command) => {
      if (!sql) command.error('error: expected --sql');
      const names = { ...defaultRoleNames(schema), ...given };
      process.stdout.write(rolesSql(schema, names, allMigrationsSql(schema)));
    });
}
