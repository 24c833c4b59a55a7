import type { Actor } from '../actor/actor.js';
import { NO_BLAME } from '../actor/blame.js';
import { decideAlone } from '../actor/decide-alone.js';
import {
  parseCommand,
  type QueuedCommand,
  queuedCommand,
  unknownCommand,
} from '../actor/queued-command.js';
import { toDecision } from '../actor/to-decision.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { JsonLimits } from '../internal/json.js';
import type { Answer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { type RefusalCode, TroupeError } from '../messages/errors.js';
import type { DryRunAnswer } from './inspection-jobs.js';

/** What a dry run has of the real thing. */
export interface DryRunSetup {
  readonly limits: JsonLimits;
  readonly freezeState: boolean;
  /** Stand-ins for the services of an aggregate; undefined if it has none. */
  readonly services: { readonly value: unknown } | undefined;
}

/** Decides a command on a copy of an actor, which is of no further use then. */
export async function dryRun(
  copy: Actor,
  message: CommandMessage,
  setup: DryRunSetup,
): Promise<DryRunAnswer> {
  const { version, definition } = copy;
  const command = received(definition, message);
  if ('kind' in command) return { version, answer: command };
  const guard = new ServiceGuard(definition, setup.services);
  const verdict = await decideAlone(copy, command, {
    ...{ limits: setup.limits, freezeState: setup.freezeState, blame: NO_BLAME },
    services: () => guard.services,
    snapshotFailed: () => undefined,
  });
  if (guard.wasAsked) throw needsServices(message);
  const decision = toDecision(copy, command, verdict, { fromVersion: version, keepOutcomesMs: 0 });
  return { version, answer: decision.answer([], copy.committed.position) };
}

function received(definition: Aggregate, message: CommandMessage): QueuedCommand | Answer {
  const spec = Object.hasOwn(definition.commands, message.type)
    ? definition.commands[message.type]
    : undefined;
  if (!spec) return refusal(message, 'UnknownCommand', unknownCommand(definition, message.type));
  const parsed = parseCommand(message, spec);
  if (!parsed.ok) return refusal(message, 'InvalidCommand', parsed.message, parsed.details);
  return queuedCommand(message, spec, parsed, 0);
}

/** Gives a decider stand-ins, or what notes that it has asked for services that there are none for. */
class ServiceGuard {
  wasAsked = false;
  readonly services: unknown;

  constructor({ services, name }: Aggregate, standIns: DryRunSetup['services']) {
    this.services = services && !standIns ? this.refusing(name) : standIns?.value;
  }

  private refusing(name: string): object {
    const refuse = (): never => {
      this.wasAsked = true;
      throw new Error(`${name} has no services for a dry run`);
    };
    return new Proxy(
      {},
      { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse },
    );
  }
}

function refusal(
  { ref }: CommandMessage,
  code: RefusalCode,
  message: string,
  details: object = {},
): Answer {
  return { ref, kind: 'refused', code, message, details, cause: undefined };
}

function needsServices({ aggregate, id, type }: CommandMessage): TroupeError {
  return new TroupeError(
    'DryRunNeedsServices',
    `${aggregate}.${type} uses services, whose effects would be real: give the aggregate dryRunServices, stand-ins without effect`,
    { aggregate, id, command: type },
  );
}
