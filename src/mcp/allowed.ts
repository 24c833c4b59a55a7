import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { McpMount } from '../http/mcp-mount.js';
import { oneOf } from '../internal/nearest.js';
import type { View } from '../projection/view.js';
import { checkMcp, invalid, type McpCommand, type McpOptions, toCommand } from './mcp-options.js';

/** What a runtime defines. */
export type Definitions = Parameters<McpMount['open']>[0]['definitions'];

/** A command on the list. */
export interface AllowedCommand extends McpCommand {
  readonly definition: Aggregate;
  readonly type: string;
}

/** The list, with what stands behind each name. */
export interface Allowed {
  readonly commands: readonly AllowedCommand[];
  readonly views: readonly View[];
  readonly streams: readonly Aggregate[];
}

/** Looks up what is allowed. Throws `SetupError` for a name that is not defined, or that stands for two things. */
export function allowedOf(options: McpOptions, definitions: Definitions): Allowed {
  checkMcp(options);
  const { commands = [], views = [], streams = [] } = options;
  return {
    commands: commands.map((one) => commandNamed(toCommand(one), definitions)),
    views: views.map((name) => named('views', name, definitions.views)),
    streams: streams.map((name) => named('streams', name, definitions.aggregates)),
  };
}

function commandNamed(given: McpCommand, { aggregates }: Definitions): AllowedCommand {
  const all = [...aggregates.values()].flatMap((definition) =>
    Object.keys(definition.commands).map((type) => ({ definition, type })),
  );
  const nameOf = ({ definition, type }: (typeof all)[number]) => `${definition.name}.${type}`;
  const found = all.filter((one) => nameOf(one) === given.command);
  const [one, other] = found;
  if (!one) throw invalid('commands', oneOf(all.map(nameOf), given.command), given.command);
  if (other) throw invalid('commands', 'a name of one command', `${given.command}, which is two`);
  return { ...given, ...one };
}

function named<Thing>(option: string, name: string, known: ReadonlyMap<string, Thing>): Thing {
  const found = known.get(name);
  if (found) return found;
  throw invalid(option, known.size === 0 ? 'none' : oneOf([...known.keys()], name), name);
}
