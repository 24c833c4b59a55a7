import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpMount } from '../http/mcp-mount.js';
import { checkMcp, type McpOptions } from './mcp-options.js';
import { offerOf, serverFor } from './mcp-server.js';

/** So that a page or a proxy in between cannot hold one open: nothing here tells of changes by itself. */
const NO_SUBSCRIPTIONS = { maxSubscriptions: 0 };

/**
 * For the option `mcp` of `createHttp` and `serveHttp`: what is allowed here is served as tools and resources
 * under `/mcp`, over streamable HTTP without sessions. What a tool does, its route of the domain API does: with
 * the same `authorize`, `token` and `redact`, and the same codes of errors. Commands that are named here can be
 * sent, whether or not commands are on for HTTP. Throws `SetupError` for options; for a name that is not
 * defined, `createHttp` throws it.
 *
 * @example
 * await serveHttp(runtime, { mcp: mcp({ commands: ['account.deposit'], views: ['balances'] }) });
 */
export function mcp(options: McpOptions): McpMount {
  checkMcp(options);
  return {
    open(inside) {
      const offer = offerOf(inside, options);
      return (asker, body) => {
        // One for each request: it ends with its answer, and answers to nobody else.
        const handler = createMcpHandler(() => serverFor(offer, asker), NO_SUBSCRIPTIONS);
        return handler.fetch(toRequest(asker), { parsedBody: body });
      };
    },
  };
}

/** Headers that the protocol looks at. */
const HEADERS = ['accept', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];

function toRequest(asker: Parameters<ReturnType<McpMount['open']>>[0]): Request {
  const headers = new Headers({ 'content-type': 'application/json' });
  for (const name of HEADERS) {
    const value = asker.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  return new Request('http://localhost/mcp', { method: 'POST', headers });
}
