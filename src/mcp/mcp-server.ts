import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  Server,
} from '@modelcontextprotocol/server';
import type { Asker, Inside } from '../http/mcp-mount.js';
import type { Problem } from '../http/problem.js';
import { SetupError } from '../messages/errors.js';
import { type Allowed, allowedOf } from './allowed.js';
import { commandTools } from './command-tools.js';
import type { McpOptions } from './mcp-options.js';
import { outcomeTools } from './outcome-tool.js';
import { type Resources, resourcesOf } from './resources.js';
import { streamTools } from './stream-tools.js';
import type { Arguments, Tool } from './tool.js';
import { toResult } from './tool-result.js';
import { viewTools } from './view-tools.js';

const INSTRUCTIONS = [
  'Commands change things; what they answer is stored. The other tools only read.',
  'An error of a tool carries a code. Send a command with an idempotencyKey, and again with the same key if',
  'no answer came: it has no second effect. After OutcomeUnknown ask command_outcome first.',
].join(' ');

/** All that is on the list, made once. */
export interface Offer {
  readonly inside: Inside;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly resources: Resources;
}

/** What a runtime offers. Throws `SetupError` for what is allowed and not there. */
export function offerOf(inside: Inside, options: McpOptions): Offer {
  const allowed = allowedOf(options, inside.definitions);
  return { inside, tools: byName(toolsOf(inside, allowed)), resources: resourcesOf(allowed) };
}

function toolsOf(inside: Inside, allowed: Allowed): readonly Tool[] {
  return [
    ...commandTools(inside, allowed),
    ...outcomeTools(allowed),
    ...viewTools(allowed),
    ...streamTools(allowed),
  ];
}

function byName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const named = new Map<string, Tool>();
  for (const tool of tools) {
    const { name, title } = tool.listed;
    const other = named.get(name);
    if (other)
      throw new SetupError(
        'ToolNameTaken',
        `Two tools of mcp would be named ${name}: ${other.listed.title} and ${title}. Leave one of them out`,
        { name },
      );
    named.set(name, tool);
  }
  return named;
}

/** A server that answers one asker: for one request over HTTP, or for a connection. */
export function serverFor({ inside, tools, resources }: Offer, asker: Asker): Server {
  const { title, version } = inside.about.info;
  const server = new Server(
    { name: 'troupe', title, version },
    { capabilities: { tools: {}, resources: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler('tools/list', () => ({
    tools: [...tools.values()].map(({ listed }) => listed),
  }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const tool = tools.get(params.name);
    if (tool) return call(inside, tool, params.arguments ?? {}, asker);
    const message = `There is no tool ${JSON.stringify(params.name.slice(0, 100))}`;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message);
  });
  server.setRequestHandler('resources/list', () => ({ resources: [...resources.listed] }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...resources.templates],
  }));
  server.setRequestHandler('resources/read', ({ params }) =>
    read(inside, resources, params.uri, asker),
  );
  return server;
}

async function call(
  inside: Inside,
  tool: Tool,
  given: Arguments,
  asker: Asker,
): Promise<CallToolResult> {
  try {
    const answer = await inside.ask(tool.toQuestion(given), asker);
    const result = toResult(answer, tool.bodyAt);
    if (!result.isError) tool.check?.(result.structuredContent);
    return result;
  } catch (error) {
    return toResult(inside.refuse(error), undefined);
  }
}

async function read(
  inside: Inside,
  resources: Resources,
  uri: string,
  asker: Asker,
): Promise<ReadResourceResult> {
  const question = resources.toQuestion(uri);
  if (!question) throw notRead(uri, { code: 'UnknownRoute', detail: 'There is no such resource' });
  const { status, text } = await inside.ask(question, asker);
  if (status >= 400) throw notRead(uri, JSON.parse(text) as Problem);
  return { contents: [{ uri, mimeType: 'application/json', text }] };
}

/** Over this protocol a resource has no errors of its own: the problem goes along as data. */
function notRead(uri: string, problem: Partial<Problem>): ProtocolError {
  const { status = 404, code, detail } = problem;
  const isOurs = status >= 500;
  return new ProtocolError(
    isOurs ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams,
    `${code}: ${detail}`,
    { uri, ...problem },
  );
}
