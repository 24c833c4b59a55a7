import { Command } from 'commander';
import { defaultRoleNames } from '../postgres/roles.js';
import { type TablesToMake, viewsSql } from '../postgres/views/views-sql.js';
import { isProjection } from '../projection/projection.js';
import { setupSql } from '../projection/setup-sql.js';
import { isView } from '../projection/view.js';
import { loadDomain } from './load-domain.js';
import { schemaOption } from './schema-option.js';

interface ViewsOptions {
  readonly sql?: true;
  readonly schema: string;
  readonly domain: string;
  readonly app?: string;
}

/** `troupe views`: the tables of views and projections, for processes whose role may not make them. */
export function viewsCommand(): Command {
  return new Command('views')
    .description('print the tables of the views and projections of a domain')
    .option(
      '--sql',
      'as one SQL script for the owner of the schema; what is there is left as it is',
    )
    .requiredOption('--domain <file>', 'domain module')
    .addOption(schemaOption())
    .option('--app <name>', 'role that processes connect as (default: <schema>_app)')
    .exitOverride()
    .action(async ({ sql, schema, domain, app }: ViewsOptions, command: Command) => {
      if (!sql) command.error('error: expected --sql');
      const { readers } = await loadDomain(domain);
      const all: TablesToMake[] = [];
      for (const reader of readers.values()) {
        const one: unknown = reader;
        if (isView(one)) all.push({ shape: one });
        if (isProjection(one))
          all.push({ shape: { ...one, columns: [] }, own: await setupSql(one, schema) });
      }
      process.stdout.write(viewsSql(schema, all, app ?? defaultRoleNames(schema).app));
    });
}
