import { Command, InvalidArgumentError, Option } from 'commander';
import { schemaOption } from './schema-option.js';
import type { ServeMcpOptions } from './serve-mcp.js';

/** `troupe mcp`: commands, views and streams as MCP tools, for the program that starts this one. */
export function mcpCommand(): Command {
  const url = new Option('--url <url>', 'connection string of the database').env('DATABASE_URL');
  const shards = new Option('--shards <n>', 'threads that run actors').default(1);
  return (
    new Command('mcp')
      .description(
        'serve a domain over MCP on stdin and stdout: what is named here, and nothing else',
      )
      .requiredOption('--domain <file>', 'module that exports the definitions')
      .addOption(url.makeOptionMandatory())
      .addOption(schemaOption())
      .option('--command <name...>', 'commands that may be sent, as account.deposit')
      .option('--view <name...>', 'views that may be read')
      .option('--stream <name...>', 'aggregates whose states and events may be read')
      .option('--principal <name>', 'who it is, in the metadata of events (default: mcp)')
      .option(
        '--options <file>',
        'module whose default export has more: authorize, redact, requireIdempotencyKey, ...; TROUPE_MCP_TOKEN is its bearer token',
      )
      .addOption(shards.argParser(parseShards))
      .exitOverride()
      // Loaded only here: the other commands need no runtime.
      .action(async (options: ServeMcpOptions) =>
        (await import('./serve-mcp.js')).serveMcp(options),
      )
  );
}

function parseShards(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0 && count <= 64) return count;
  throw new InvalidArgumentError('expected a whole number from 0 to 64');
}
