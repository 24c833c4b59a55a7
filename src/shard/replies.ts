import type { FoundOutcome, UnknownEvents } from '../actor/activation.js';
import type { Actor } from '../actor/actor.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import { answerEvents } from '../aggregate/read-event.js';
import type { Answer, AnswerEvent } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { isTroupeError, type TroupeError } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import { readVerdict } from '../store/outcomes.js';
import type { LoadedEvent } from '../store/store.js';
import type { CommandHistory } from './command-history.js';
import type { Refusal } from './refusals.js';
import type { ShardOutput } from './shard-output.js';

/** Answers commands, and with each those that joined it because they carry the same key. */
export class Replies {
  constructor(
    private readonly output: ShardOutput,
    /** Takes a command as if it had just arrived. */
    private readonly accept: (message: CommandMessage) => void,
    private readonly history: CommandHistory,
  ) {}

  /** Ends a command with its answer. */
  finish(actor: Actor, command: QueuedCommand, answer: Answer): void {
    const { key, ref } = command.message;
    if (key !== '' && actor.keys?.get(key) === command) forgetKey(actor, key);
    this.history.note(actor, command, answer);
    this.output.answer(answer.ref === ref ? answer : { ...answer, ref });
    for (const follower of command.followers ?? []) this.follow(follower, answer);
  }

  private follow(follower: CommandMessage, answer: Answer): void {
    const { ref } = follower;
    // A refused command left no outcome, nor a failed one but for a saga's: who joined it asks anew.
    if (answer.kind === 'refused' || answer.kind === 'failed' || lacksState(answer, follower))
      this.accept(follower);
    else if (answer.kind === 'accepted' || answer.kind === 'rejected')
      this.output.answer({ ...answer, ref, deduplicated: true });
    else this.output.answer({ ...answer, ref });
  }

  /**
   * Lets go of a command that had joined another one. It cannot be refused: what has its key is under way
   * and may be stored, and who hears of a refusal would send it again with another key.
   */
  leave(actor: Actor, ref: number): void {
    for (const { message, followers } of actor.keys?.values() ?? []) {
      const at = followers?.findIndex((follower) => follower.ref === ref) ?? -1;
      if (at < 0) continue;
      followers?.splice(at, 1);
      const reason = `the caller aborted it, and command ${message.commandId} with the same key is under way`;
      return this.output.giveUp({ ref, reason });
    }
  }

  refuse(actor: Actor, command: QueuedCommand, refusal: Refusal): void {
    const { aggregate, id, ref } = command.message;
    const { code, message, details, cause } = refusal;
    this.finish(actor, command, {
      ref,
      kind: 'refused',
      code,
      message,
      details: { aggregate, id, ...details },
      cause: cause === undefined ? undefined : toPlainError(cause),
    });
  }

  /** Another command used this key first. */
  refuseReusedKey({ ref, aggregate, id, key }: CommandMessage, firstCommandId: string): void {
    const message = `The key ${key} was used on ${aggregate}/${id} for a command with another body`;
    const details = { aggregate, id, key, firstCommandId };
    this.output.answer({
      ref,
      kind: 'refused',
      code: 'KeyReused',
      message,
      details,
      cause: undefined,
    });
  }

  /** The database will never take what this command decided. */
  failUnstorable(actor: Actor, command: QueuedCommand, cause: Error): void {
    const { aggregate, id, ref, type, commandId } = command.message;
    if (isDiffer(cause)) return this.refuse(actor, command, cause);
    if (isInlineFailure(cause)) return this.failInline(actor, command, cause);
    this.finish(actor, command, {
      ref,
      kind: 'failed',
      message: `The database refuses what ${aggregate}.${type} on ${id} decided: ${cause.message}`,
      details: { aggregate, id, command: type, commandId },
      cause: toPlainError(cause),
    });
  }

  /** An inline projection has failed on what this command decided. */
  private failInline(actor: Actor, command: QueuedCommand, failure: TroupeError): void {
    const { aggregate, id, ref, type, commandId } = command.message;
    this.finish(actor, command, {
      ref,
      kind: 'failed',
      code: 'InlineProjectionFailed',
      message: `${aggregate}.${type} on ${id} was not executed: ${failure.message}`,
      details: { aggregate, id, command: type, commandId, ...failure.details },
      cause: toPlainError(failure.cause),
    });
  }

  /** Its events stand in what was read of the log: it was executed here, or by whoever decided it elsewhere. */
  acceptFromLog(actor: Actor, command: QueuedCommand, log: UnknownEvents): void {
    const events = log.events.filter((event) => event.commandId === command.message.commandId);
    // One that only changed timers left its stream as it was.
    const { version, position } = events.at(-1) ?? actor.committed;
    this.finish(actor, command, {
      ref: command.message.ref,
      kind: 'accepted',
      version,
      position,
      deduplicated: false,
      events: this.eventsOf(actor, events),
      state: stateFor(actor, command),
    });
  }

  /** Its key is stored: it gets the first outcome, unless it asks for something else. */
  repeat(actor: Actor, { command, outcome, events }: FoundOutcome): void {
    const { ref, key, commandId } = command.message;
    // Its own, if it is sent again because its answer was lost.
    const deduplicated = outcome.commandId !== commandId;
    if (outcome.hash !== command.hash) {
      forgetKey(actor, key);
      for (const message of [command.message, ...(command.followers ?? [])])
        this.refuseReusedKey(message, outcome.commandId);
    } else if (outcome.rejection !== undefined) {
      const verdict = readVerdict(outcome.rejection);
      this.finish(
        actor,
        command,
        verdict.kind === 'failed' ? { ref, ...verdict } : { ref, deduplicated, ...verdict },
      );
    } else {
      this.finish(actor, command, {
        ref,
        kind: 'accepted',
        version: outcome.toVersion,
        position: events.at(-1)?.position ?? 0,
        deduplicated,
        events: outcome.toVersion > outcome.fromVersion ? this.eventsOf(actor, events) : [],
        state: stateFor(actor, command),
      });
    }
  }

  private eventsOf(actor: Actor, events: readonly LoadedEvent[]): readonly AnswerEvent[] {
    return answerEvents(actor, events, (cause) =>
      this.output.notice({ kind: 'warning', message: cause.message, cause }),
    );
  }
}

function isInlineFailure(cause: Error): cause is TroupeError {
  return isTroupeError(cause, 'InlineProjectionFailed');
}

function isDiffer(
  cause: Error,
): cause is TroupeError & { readonly code: 'InlineProjectionsDiffer' } {
  return isTroupeError(cause, 'InlineProjectionsDiffer');
}

function stateFor(actor: Actor, { message }: QueuedCommand): string | undefined {
  return message.wantsState ? JSON.stringify(actor.state) : undefined;
}

function lacksState(answer: Answer, { wantsState }: CommandMessage): boolean {
  return wantsState && answer.kind === 'accepted' && answer.state === undefined;
}

/** An empty map would stay with each of many idle actors. */
function forgetKey(actor: Actor, key: string): void {
  actor.keys?.delete(key);
  if (actor.keys?.size === 0) actor.keys = undefined;
}
