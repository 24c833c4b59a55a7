import { isDeepStrictEqual } from 'node:util';
import { NO_BLAME } from '../actor/blame.js';
import type { DecideSetup } from '../actor/decide.js';
import { decideAlone } from '../actor/decide-alone.js';
import {
  parseCommand,
  type QueuedCommand,
  queuedCommand,
  unknownCommand,
} from '../actor/queued-command.js';
import { toDecision } from '../actor/to-decision.js';
import type { SendOptions } from '../client/send-options.js';
import { type StampSetup, stamp } from '../client/stamp.js';
import { toError } from '../client/to-error.js';
import { DEFAULT_JSON_LIMITS, type JsonLimits } from '../internal/json.js';
import { CommandRefused, type TroupeError } from '../messages/errors.js';
import type { EventRow } from '../messages/event.js';
import { actorAt, type Stream } from './history.js';

/** What a command is decided on. */
export interface Scene {
  readonly stream: Stream;
  readonly history: readonly EventRow[];
  readonly setup: DecideSetup;
}

/** What became of a command: its rows, or why there are none. */
export interface Decided {
  readonly rows: readonly EventRow[];
  /** What it does to timers. */
  readonly timers: readonly EventRow[];
  readonly error: TroupeError | undefined;
  /** State with these rows, as a replay reads them. */
  readonly state: unknown;
  /** Version of the stream with these rows. */
  readonly version: number;
  /** What of this differs between two runs of the decider, or between live and replayed state. */
  readonly impurity: string | undefined;
}

/** What the kit gives deciders, as production does outside `NODE_ENV=production`. */
export function sceneSetup(services: unknown, limits: Partial<JsonLimits>): DecideSetup {
  return {
    limits: { ...DEFAULT_JSON_LIMITS, ...limits },
    freezeState: true,
    blame: NO_BLAME,
    services: () => services,
    snapshotFailed: () => undefined,
  };
}

/** The command as it lies in the mailbox. Throws `CommandRefused` for one that would never get there. */
export function received(
  { stream: { definition, id }, setup }: Scene,
  command: { readonly type: string; readonly data: unknown },
  options: SendOptions & { readonly now: () => number },
): QueuedCommand {
  const call = { aggregate: definition.name, id, type: command?.type, data: command?.data };
  const { now } = options;
  const stamping: StampSetup = {
    ...{ limits: setup.limits, timeoutMs: 30_000, now, domainNow: now },
    newId: () => 'command-1',
  };
  const message = stamp(call, options, stamping);
  const spec = Object.hasOwn(definition.commands, message.type)
    ? definition.commands[message.type]
    : undefined;
  if (!spec) throw new CommandRefused('UnknownCommand', unknownCommand(definition, message.type));
  const parsed = parseCommand(message, spec);
  if (!parsed.ok) throw new CommandRefused('InvalidCommand', parsed.message, parsed.details);
  return queuedCommand(message, spec, parsed, 0);
}

/** Decides a command on the history, once or twice. */
export async function decideOn(
  scene: Scene,
  command: QueuedCommand,
  decideTwice: boolean,
): Promise<Decided> {
  const first = await run(scene, command);
  if (!decideTwice || first.impurity) return first;
  const second = await run(scene, command);
  return { ...first, impurity: second.impurity ?? difference(first, second) };
}

async function run(scene: Scene, command: QueuedCommand): Promise<Decided> {
  const actor = actorAt(scene.stream, scene.history);
  const fromVersion = actor.version;
  const verdict = await decideAlone(actor, command, scene.setup);
  const decision = toDecision(actor, command, verdict, { fromVersion, keepOutcomesMs: 0 });
  const answer = decision.answer([], fromVersion);
  const error = answer.kind === 'accepted' || answer.kind === 'state' ? undefined : toError(answer);
  const { state, version } = actorAt(scene.stream, [...scene.history, ...decision.rows]);
  const same = verdict.kind !== 'accepted' || isDeepStrictEqual(actor.state, state);
  const impurity = same ? undefined : 'its events evolve to another state when they are read again';
  const timers = decision.timers?.rows ?? [];
  return { rows: decision.rows, timers, error, state, version, impurity };
}

/** Deciding again after a conflict must not change what is decided. */
function difference(first: Decided, second: Decided): string | undefined {
  const [one, other] = [first, second].map(outcome) as [string, string];
  if (one === other) return undefined;
  return `decided again, as after a conflict, it gave\n  ${other}\ninstead of\n  ${one}`;
}

function outcome({ rows, timers, error }: Decided): string {
  if (error) return `${error.code}: ${error.message} ${JSON.stringify(error.details)}`;
  return `[${[...rows, ...timers].map(({ type, data }) => `${type} ${data}`).join(', ')}]`;
}
