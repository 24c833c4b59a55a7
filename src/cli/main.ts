#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check.js';
import { inlineCommand } from './inline.js';
import { mcpCommand } from './mcp.js';
import { migrationsCommand } from './migrations.js';
import { rolesCommand } from './roles.js';
import { viewsCommand } from './views.js';

/*
 * Exit codes: 0 = done, 1 = it failed, 2 = it was called wrongly (`check`: or could not run). Set, never forced: what was written to
 * a pipe is then written whole.
 */
const program = new Command('troupe')
  .description('Tools for databases that hold a troupe log.')
  .exitOverride()
  .addCommand(migrationsCommand())
  .addCommand(checkCommand())
  .addCommand(rolesCommand())
  .addCommand(inlineCommand())
  .addCommand(viewsCommand())
  .addCommand(mcpCommand());

// A reader that has seen enough, as in `troupe ... | head`, is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`troupe: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
