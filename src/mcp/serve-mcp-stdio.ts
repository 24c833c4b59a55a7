import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { HttpOptions } from '../http/http-options.js';
import { insideOf } from '../http/inside.js';
import type { Asker } from '../http/mcp-mount.js';
import type { RuntimeView } from '../http/runtime-view.js';
import type { McpOptions } from './mcp-options.js';
import { offerOf, serverFor } from './mcp-server.js';

/** What of the options of HTTP there is for MCP over stdio. */
export type SharedOptions = Pick<
  HttpOptions,
  'authorize' | 'info' | 'jsonSchema' | 'logger' | 'redact' | 'requireIdempotencyKey' | 'waitForMs'
>;

/** What `serveMcpStdio` takes. */
export interface McpStdioOptions extends McpOptions, SharedOptions {
  /** Who the other end is, where `authorize` does not say it. Stored in the metadata of events. Default `mcp`. */
  readonly principal?: string;
  /** What `authorize` gets as the header `authorization`: `Bearer ...`. Default: none. */
  readonly authorization?: string;
  /** Where requests come from. Default: stdin. */
  readonly input?: Readable;
  /** Where answers go, and nothing else may. Default: stdout. */
  readonly output?: Writable;
}

/** A connection that is served. */
export interface McpConnection {
  /** Resolves when it has ended: the other end is gone, or `close` was called. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves MCP to the process at the other end of stdin and stdout. That process runs this one, so it may do all
 * that is allowed here, unless `authorize` says otherwise. Throws `SetupError` for options.
 */
export function serveMcpStdio(runtime: RuntimeView, options: McpStdioOptions): McpConnection {
  const { commands, views, streams, principal = 'mcp', authorization, ...more } = options;
  const { input, output, ...http } = more;
  const allowed = {
    ...(commands && { commands }),
    ...(views && { views }),
    ...(streams && { streams }),
  };
  const inside = insideOf(runtime, { authorize: () => principal, ...http });
  const offer = offerOf(inside, allowed);
  const asker = askerWith(authorization);
  const transport = new StdioServerTransport(input, output);
  const connection = serveStdio(() => serverFor(offer, asker), { transport, maxSubscriptions: 0 });
  const ended = new Promise<void>((resolve) => {
    const close = transport.onclose;
    transport.onclose = () => {
      close?.();
      resolve();
    };
  });
  return { ended, close: () => connection.close() };
}

function askerWith(authorization: string | undefined): Asker {
  return {
    ...{ method: 'POST', url: 'stdio:', remoteAddress: undefined },
    header: (name) => (name.toLowerCase() === 'authorization' ? authorization : undefined),
  };
}
