import type { FoundOutcome, UnknownEvents } from '../actor/activation.js';
import type { Actor } from '../actor/actor.js';
import type { Decision } from '../actor/decision.js';
import type { CommandMessage } from '../messages/command.js';
import { InDoubt } from './in-doubt.js';
import type { Replies } from './replies.js';

/** Answers commands that wait with what the log has of them, instead of deciding them again. */
export class FoundInLog {
  /** Until they have caught up with the log. */
  private readonly inDoubt = new Map<Actor, InDoubt>();

  constructor(private readonly replies: Replies) {}

  /** The batch of these decisions may be stored, or not. */
  doubt(actor: Actor, dropped: readonly Decision[]): void {
    this.inDoubt.set(actor, new InDoubt(dropped, actor.committed));
  }

  /**
   * A waiting command whose id stands in the log was executed: here, or by whoever decided it elsewhere.
   * One without events that came before it keeps its first answer.
   */
  answer(actor: Actor, unknown: UnknownEvents): void {
    const first = this.inDoubt.get(actor)?.answers(unknown);
    this.inDoubt.delete(actor);
    const { events, timers } = unknown;
    if (events.length + timers.length === 0) return;
    const ids = new Set(events.map((event) => event.commandId));
    const ofTimers = new Set(timers.map((event) => event.commandId));
    // One with a key that only changed timers has its outcome stored, which says more.
    const isStored = ({ commandId, key }: CommandMessage): boolean =>
      ids.has(commandId) || (key === '' && ofTimers.has(commandId));
    for (const command of actor.mailbox.remove(
      (waiting) => isStored(waiting.message) || first?.has(waiting) === true,
    )) {
      const answer = first?.get(command);
      if (answer) this.replies.finish(actor, command, answer);
      else this.replies.acceptFromLog(actor, command, unknown);
    }
  }

  /** What its key has done before is its answer, if it still waits. */
  repeat(actor: Actor, found: FoundOutcome): void {
    const waiting = actor.mailbox.remove((command) => command === found.command);
    if (waiting.length > 0) this.replies.repeat(actor, found);
  }
}
