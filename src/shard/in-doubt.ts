import type { UnknownEvents } from '../actor/activation.js';
import type { Committed } from '../actor/actor.js';
import { type Decision, rowCount } from '../actor/decision.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import type { Answer } from '../messages/answer.js';
import type { EventRow } from '../messages/event.js';
import type { LoadedEvent } from '../store/store.js';

/*
 * Nobody knows whether a batch was stored. Its commands with events can be found in the log afterwards;
 * those without left nothing there. To decide them again on the state that is then found would be out of
 * order: it includes commands that came after them. So what was decided is kept until the log was read.
 */

/** What one actor had decided and not settled when its writer was fenced. */
export class InDoubt {
  constructor(
    /** In the order they were made, each on top of the one before it. */
    private readonly decisions: readonly Decision[],
    /** What was committed before the first of them. */
    private readonly committed: Committed,
  ) {}

  /**
   * The answers of those commands without events after which a later one of the same actor stands in the
   * log as it was decided: the state that they were decided on is then committed. `log` holds the events
   * after the committed version. What changed timers alone stands among those of timers.
   */
  answers(log: UnknownEvents): Map<QueuedCommand, Answer> {
    const byVersion = new Map(log.events.map((event) => [event.version, event]));
    const timers = new Map(log.timers.map((event) => [event.version, event]));
    const answers = new Map<QueuedCommand, Answer>();
    let { position } = this.committed;
    let between: Decision[] = [];
    for (const decision of this.decisions) {
      if (decision.rows.length === 0) between.push(decision);
      if (rowCount(decision) === 0) continue;
      if (!decision.rows.every((row) => isSame(row, byVersion.get(row.version)))) break;
      if (decision.timers?.rows.some((row) => !isSame(row, timers.get(row.version)))) break;
      for (const eventless of between)
        answers.set(eventless.command, eventless.answer([], position));
      between = [];
      position = byVersion.get(decision.toVersion)?.position ?? position;
    }
    return answers;
  }
}

/** Rows with our command id may be somebody else's: the command may have been decided there, too. */
function isSame(row: EventRow, event: LoadedEvent | undefined): boolean {
  return (
    event !== undefined &&
    event.commandId === row.commandId &&
    event.type === row.type &&
    event.data === row.data
  );
}
