import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { McpStdioOptions } from '../mcp/serve-mcp-stdio.js';
import { SetupError } from '../messages/errors.js';
import { startRuntime } from '../start-runtime.js';
import { resolveModule, typescriptLoader } from '../threads/entry.js';
import type { PlainNotice } from '../threads/protocol.js';
import { claimStdout } from './protocol-stdout.js';

/** Options of `troupe mcp`. */
export interface ServeMcpOptions {
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

/** Serves until the other end is gone, or a signal. */
export async function serveMcp(options: ServeMcpOptions): Promise<void> {
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
  { command, view, stream, principal }: ServeMcpOptions,
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
