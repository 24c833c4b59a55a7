import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { McpStdioOptions } from '../mcp/serve-mcp-stdio.js';
import { SetupError } from '../messages/errors.js';
import { startRuntime } from '../start-runtime.js';
import { resolveModule, typescriptLoader } from '../threads/entry.js';
import type { PlainNotice } from '../threads/protocol.js';
import { claimStdout } from './protocol-stdout.js';
import { schemaOption } from './schema-option.js';

interface Options {
  readonly domain: string;
  readonly url: string;
  readonly schema: string;
  readonly command?: readonly string[];
  readonly view?: readonly string[];
  readonly stream?: readonly string[];
  readonly principal?: string;
  readonly options?: string;
  readonly shards: number;
}

/** `troupe mcp`: commands, views and streams as MCP tools, for the program that starts this one. */
export function mcpCommand(): Command {
  const url = new Option('--url <url>', 'connection string of the database').env('DATABASE_URL');
  const shards = new Option('--shards <n>', 'threads that run actors').default(1);
  return new Command('mcp')
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
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const { domain: file, url, schema, shards } = options;
  const output = claimStdout();
  const serveMcpStdio = await installed();
  const domain = await importable(file);
  const more = options.options === undefined ? {} : await defaultExportOf(options.options);
  const store = { kind: 'postgres', url, schema } as const;
  const runtime = await startRuntime({ domain, store, shards, onNotice: tell });
  try {
    const connection = serveMcpStdio(runtime, { ...more, ...given(options, output) });
    await Promise.race([connection.ended, asked('SIGTERM'), asked('SIGINT')]);
    await connection.close();
  } finally {
    await runtime.stop();
    process.stdin.unref?.();
  }
}

/** What the command line says comes before what a module says. */
function given(
  { command, view, stream, principal }: Options,
  output: Writable,
): Partial<McpStdioOptions> {
  const token = process.env.TROUPE_MCP_TOKEN;
  return {
    ...(command && { commands: command }),
    ...(view && { views: view }),
    ...(stream && { streams: stream }),
    ...(principal !== undefined && { principal }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    output,
  };
}

/** Its packages are optional. */
async function installed(): Promise<typeof import('../mcp/serve-mcp-stdio.js').serveMcpStdio> {
  try {
    return (await import('../mcp/serve-mcp-stdio.js')).serveMcpStdio;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SetupError(
      'McpNotInstalled',
      `MCP needs packages beside troupe: npm install @modelcontextprotocol/server hono @hono/node-server (${(error as Error).message})`,
      {},
      error,
    );
  }
}

/** TypeScript is imported through the tsx beside it, here as in the threads. */
async function importable(file: string): Promise<URL> {
  const url = resolveModule(pathToFileURL(file));
  if (url.pathname.endsWith('.ts')) await import(typescriptLoader(url));
  return url;
}

async function defaultExportOf(file: string): Promise<Partial<McpStdioOptions>> {
  const url = await importable(file);
  const module = (await import(url.href)) as { readonly default?: unknown };
  if (typeof module.default === 'object' && module.default !== null) return module.default;
  throw new SetupError(
    'InvalidOption',
    `Option options of mcp: expected a module whose default export is an object, got ${file}, whose default export is ${String(module.default)}`,
    { file },
  );
}

function tell({ kind, message }: PlainNotice): void {
  process.stderr.write(`troupe: ${kind}: ${message}\n`);
}

function asked(signal: NodeJS.Signals): Promise<unknown> {
  return once(process, signal);
}

function parseShards(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0 && count <= 64) return count;
  throw new InvalidArgumentError('expected a whole number from 0 to 64');
}
