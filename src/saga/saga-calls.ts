import type { Ask, OwnCall } from '../dispatcher/ask.js';
import type { Reply } from '../messages/answer.js';
import type { Metadata } from '../messages/command.js';
import { CommandRefused, passes } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { Saga } from './saga.js';
import { INPUT } from './saga-aggregate.js';
import type { CommandFate, SagaInput } from './saga-input.js';
import { fittingKey } from './saga-key.js';
import type { SagaCommand } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** When something happened, and in what conversation. */
export interface Circumstances {
  /** Unix milliseconds; absent: now. */
  readonly at: number | undefined;
  /** Number of steps that the instance must have. Default: any. */
  readonly ifAt?: number | undefined;
  readonly metadata: Metadata;
}

/**
 * Sends a command of a saga until its fate is known. What is refused for now, or unknown, rejects with
 * `StoreUnavailable`: sent again with its key it is executed once.
 */
export async function sendCommand(
  ask: Ask,
  command: SagaCommand,
  { at, metadata }: Circumstances,
): Promise<CommandFate> {
  const { storedAs: aggregate, id, type, data, key } = command;
  const call: OwnCall = {
    ...{ aggregate, id, type, data, metadata, keepsAll: true, key: fittingKey(key) },
    ...(at !== undefined && { occurredAt: at }),
  };
  return fateOf(await asked(ask, call), command);
}

/** What cannot be sent at all, as an id that is none, is a failure that the machine hears of. */
async function asked(ask: Ask, call: OwnCall): Promise<Reply> {
  try {
    return await ask(call);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const { code, message, details, cause } = error;
    return {
      ...{ ref: 0, kind: 'refused', code, message, details },
      cause: cause === undefined ? undefined : toPlainError(cause),
    };
  }
}

function fateOf(reply: Reply, { storedAs, id, type }: SagaCommand): CommandFate {
  switch (reply.kind) {
    case 'accepted':
      return { kind: 'accepted', version: reply.version };
    case 'rejected':
      return { kind: 'rejected', rejection: reply.rejection };
    case 'failed': {
      const { message, details, cause } = reply;
      const error = { name: 'CommandFailed', code: 'CommandFailed', message, details };
      return { kind: 'failed', error: { ...error, ...(cause && { cause }) } };
    }
    case 'refused': {
      const { code, message, details } = reply;
      if (passes(code)) throw notNow(`${storedAs}.${type} on ${id}`, message);
      return { kind: 'failed', error: { name: code, code, message, details } };
    }
    default:
      throw notNow(`${storedAs}.${type} on ${id}`, 'its outcome is not known yet');
  }
}

/**
 * Hands an instance an input, once per key; gives the steps that it came to, also where an earlier sending
 * had come to them. Rejects with `StoreUnavailable` where it is to be sent again, with `CommandRefused` of
 * code `VersionConflict` where the instance has other than `ifAt` steps.
 */
export async function sendInput(
  ask: Ask,
  saga: Saga,
  to: { readonly id: string; readonly input: SagaInput; readonly key: string },
  { at, ifAt, metadata }: Circumstances,
): Promise<readonly Stepped[]> {
  const { id, input: data, key } = to;
  const reply = await ask({
    ...{ aggregate: saga.storedAs, id, type: INPUT, data, metadata, keepsAll: true },
    ...(at !== undefined && { occurredAt: at }),
    ...(ifAt !== undefined && { expectedVersion: ifAt }),
    key: fittingKey(key),
  });
  return stepsOf(reply, saga, id);
}

/** The steps in an answer of an instance. */
export function stepsOf(reply: Reply, { name }: Saga, id: string): readonly Stepped[] {
  if (reply.kind === 'accepted') return reply.events.map(({ data }) => JSON.parse(data) as Stepped);
  // Delivered before, and read otherwise by other code: the first one counts.
  if (reply.kind === 'refused' && reply.code === 'KeyReused') return [];
  if (reply.kind === 'refused' && !passes(reply.code))
    throw new CommandRefused(reply.code, reply.message, reply.details, reply.cause);
  const reason = 'message' in reply ? reply.message : 'its outcome is not known yet';
  if (reply.kind === 'failed') throw new Error(reason, { cause: reply.cause });
  throw notNow(`saga ${name}, instance ${id}`, reason);
}

/** How the fate of a command comes back to its instance. */
export function outcomeInput(command: SagaCommand, outcome: CommandFate) {
  const input: SagaInput = { kind: 'outcome', key: command.key, outcome };
  return { input, key: `outcome/${command.key}` };
}

function notNow(what: string, reason: string): StoreUnavailable {
  return new StoreUnavailable(`${what} is sent again: ${reason}`);
}
