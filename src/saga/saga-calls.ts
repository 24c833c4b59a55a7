import type { Ask, OwnCall } from '../dispatcher/ask.js';
import type { AnswerEvent, RefusedAnswer, Reply } from '../messages/answer.js';
import type { Metadata } from '../messages/command.js';
import { CommandRefused, passes, type RefusalCode } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { Saga } from './saga.js';
import { ADVANCE, INPUT } from './saga-aggregate.js';
import type { CommandFate, SagaInput } from './saga-input.js';
import { fittingKey } from './saga-key.js';
import type { SagaCommand, SagaState } from './saga-state.js';
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
 * `StoreUnavailable`: sent again with its key it is executed once. Where another process owns the log, with
 * `CommandRefused` of code `NotOwner`.
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
      if (code === 'NotOwner') throw refusalOf(reply);
      if (passes(code)) throw notNow(`${storedAs}.${type} on ${id}`, message);
      return { kind: 'failed', error: { name: code, code, message, details } };
    }
    default:
      throw notNow(`${storedAs}.${type} on ${id}`, 'its outcome is not known yet');
  }
}

/** An input on its way to an instance. */
export interface Addressed {
  readonly id: string;
  readonly input: SagaInput;
  readonly key: string;
}

/**
 * Hands an instance an input, once per key. Rejects with `StoreUnavailable` where it is to be sent again, with
 * `CommandRefused` of code `VersionConflict` where the instance has other than `ifAt` steps, of code `NotOwner`
 * where another process owns the log.
 */
export async function sendInput(
  ask: Ask,
  saga: Saga,
  to: Addressed,
  circumstances: Circumstances,
): Promise<void> {
  acceptedBy(await askInput(ask, saga, to, circumstances), saga, to.id);
}

/** As `sendInput`; gives the steps that it came to, also where an earlier sending had come to them. */
export async function stepInput(
  ask: Ask,
  saga: Saga,
  to: Addressed,
  circumstances: Circumstances,
): Promise<readonly Stepped[]> {
  return stepsOf(await askInput(ask, saga, to, circumstances), saga, to.id);
}

function askInput(
  ask: Ask,
  { storedAs }: Saga,
  { id, input: data, key }: Addressed,
  { at, ifAt, metadata }: Circumstances,
): Promise<Reply> {
  return ask({
    ...{ aggregate: storedAs, id, type: INPUT, data, metadata, keepsAll: true },
    ...(at !== undefined && { occurredAt: at }),
    ...(ifAt !== undefined && { expectedVersion: ifAt }),
    key: fittingKey(key),
  });
}

/** The steps in an answer of an instance. */
export function stepsOf(reply: Reply, saga: Saga, id: string): readonly Stepped[] {
  const events = acceptedBy(reply, saga, id);
  return events.map(({ data }) => JSON.parse(data) as Stepped);
}

function acceptedBy(reply: Reply, { name }: Saga, id: string): readonly AnswerEvent[] {
  if (reply.kind === 'accepted') return reply.events;
  // Delivered before, and read otherwise by other code: the first one counts.
  if (reply.kind === 'refused' && reply.code === 'KeyReused') return [];
  if (reply.kind === 'refused' && isFinal(reply.code)) throw refusalOf(reply);
  const reason = 'message' in reply ? reply.message : 'its outcome is not known yet';
  if (reply.kind === 'failed') throw new Error(reason, { cause: reply.cause });
  throw notNow(`saga ${name}, instance ${id}`, reason);
}

/** It is of no use to send it again from this process. */
function isFinal(code: RefusalCode): boolean {
  return code === 'NotOwner' || !passes(code);
}

function refusalOf({ code, message, details, cause }: RefusedAnswer): CommandRefused {
  return new CommandRefused(code, message, details, cause);
}

/** Before all timers. */
const LONG_AGO = -8.64e15;

/** The state of an instance that there is, as its stream has it. Rejects as `sendInput`. */
export async function stateOf(ask: Ask, saga: Saga, id: string): Promise<SagaState> {
  const reply = await ask({
    ...{ aggregate: saga.storedAs, id, type: ADVANCE, data: { upTo: LONG_AGO }, metadata: {} },
    ...{ key: '', keepsAll: false, wantsState: true },
  });
  acceptedBy(reply, saga, id);
  if (reply.kind === 'accepted' && reply.state !== undefined)
    return JSON.parse(reply.state) as SagaState;
  throw notNow(`saga ${saga.name}, instance ${id}`, 'its state is not known yet');
}

/** How the fate of a command comes back to its instance. */
export function outcomeInput(command: SagaCommand, outcome: CommandFate) {
  // In the order of canonical JSON, which its hash is made of.
  const input: SagaInput = { key: command.key, kind: 'outcome', outcome };
  return { input, key: `outcome/${command.key}` };
}

function notNow(what: string, reason: string): StoreUnavailable {
  return new StoreUnavailable(`${what} is sent again: ${reason}`);
}
