import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';

/** A command that may be sent, and what is said of it. */
export interface McpCommand {
  /** Aggregate and command: `account.deposit`. */
  readonly command: string;
  /** What it does, for whoever has to choose it. Default: what kind of command it is, and how it may be rejected. */
  readonly description?: string;
  /**
   * False where it only adds to what is there: clients may then send it without asking a person. Default: true,
   * but for commands that only create.
   */
  readonly isDestructive?: boolean;
}

/** What may be done by MCP. What is not named here is not there. At least one is. */
export interface McpOptions {
  /** Commands that may be sent, each by name: `account.deposit`. A tool each. Default: none. */
  readonly commands?: readonly (string | McpCommand)[];
  /** Views that may be read. Two tools and a resource each. Default: none. */
  readonly views?: readonly string[];
  /** Aggregates whose states and events may be read. Two tools and two resources each. Default: none. */
  readonly streams?: readonly string[];
}

const NAMES: readonly string[] = ['commands', 'views', 'streams'] satisfies (keyof McpOptions)[];

/** Checks the form. Throws `SetupError` naming option, expectation and value. */
export function checkMcp(options: McpOptions): void {
  const misspelt = Object.keys(options).find((name) => !NAMES.includes(name));
  if (misspelt !== undefined) throw invalid(misspelt, oneOf(NAMES, misspelt), misspelt);
  const { commands = [], views = [], streams = [] } = options;
  for (const [name, list] of Object.entries({ commands, views, streams }))
    if (!Array.isArray(list)) throw invalid(name, 'a list of names', String(list));
  if (commands.length + views.length + streams.length === 0)
    throw invalid('commands', 'something that is allowed, here or in views or streams', 'nothing');
  for (const one of commands) checkCommand(one);
  for (const name of [...views, ...streams] as readonly unknown[])
    if (typeof name !== 'string') throw invalid('views and streams', 'names', JSON.stringify(name));
}

function checkCommand(given: unknown): void {
  const { command, description = '', isDestructive = true } = toCommand(given as string);
  if (typeof command !== 'string')
    throw invalid('commands', 'aggregate.command', JSON.stringify(given));
  if (typeof description !== 'string') throw invalid('description', 'a text', typeof description);
  if (typeof isDestructive !== 'boolean')
    throw invalid('isDestructive', 'true or false', typeof isDestructive);
}

/** An entry of the list, written short or long. */
export function toCommand(given: string | McpCommand): McpCommand {
  return typeof given === 'object' && given !== null ? given : { command: given };
}

/** The error for an option that does not fit. */
export function invalid(option: string, expected: string, given: string): SetupError {
  return new SetupError(
    'InvalidOption',
    `Option ${option} of mcp: expected ${expected}, got ${given}`,
    { option, expected, given },
  );
}
