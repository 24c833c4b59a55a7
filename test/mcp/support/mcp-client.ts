import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Runtime } from 'troupe';
import type { ServeOptions } from 'troupe/http';
import { type McpOptions, mcp } from 'troupe/mcp';
import { onTestFinished } from 'vitest';
import { serve, serveBank } from '../../http/support/served.js';

/** The revisions of the protocol that clients speak. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** All of the bank. */
export const everything: McpOptions = {
  commands: ['account.open', 'account.deposit', 'account.withdraw'],
  views: ['balances'],
  streams: ['account'],
};

/** The official client; closed with the test. */
export function newClient(revision: Revision): Client {
  const mode = { versionNegotiation: { mode: { pin: '2026-07-28' } } };
  const options = revision === '2026-07-28' ? mode : {};
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  onTestFinished(() => client.close());
  return client;
}

/** The official client, connected to what is mounted at `url`. */
export async function connect(
  url: string,
  headers: Record<string, string> = {},
  revision: Revision = '2026-07-28',
): Promise<Client> {
  const client = newClient(revision);
  const requestInit = { headers };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  return client;
}

/** The bank in memory, served with MCP and with commands over HTTP, which need not be on for it. */
export async function mcpBank(options: ServeOptions = {}, allowed: McpOptions = everything) {
  const served = await serveBank({ ...options, mcp: mcp(allowed) });
  return { ...served, url: served.server.url };
}

/** Another runtime, served with MCP. */
export async function mcpOf(runtime: Runtime, allowed: McpOptions, options: ServeOptions = {}) {
  const served = await serve(runtime, { ...options, mcp: mcp(allowed) });
  return { ...served, url: served.server.url };
}

/** What a tool gave: the text that models read is the same as the structure that programs read. */
export async function call(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: given });
  const [first] = content as readonly { readonly text: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  const body = structuredContent as any;
  if (JSON.stringify(JSON.parse(first?.text ?? '')) !== JSON.stringify(body))
    throw new Error(`text and structure differ: ${first?.text}`);
  return { isError: isError ?? false, body };
}
