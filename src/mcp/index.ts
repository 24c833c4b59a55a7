export { mcp } from './mcp.js';
export type { McpCommand, McpOptions } from './mcp-options.js';
export {
  type McpConnection,
  type McpStdioOptions,
  type SharedOptions,
  serveMcpStdio,
} from './serve-mcp-stdio.js';
