import type { Actor } from './actor.js';
import { accept, type DecideSetup, toVerdict, type Verdict } from './decide.js';
import type { QueuedCommand } from './queued-command.js';

/** Takes the events of a durable decider as those of any other: whatever is wrong with them is its verdict. */
export function acceptSafely(
  actor: Actor,
  command: QueuedCommand,
  events: unknown,
  setup: DecideSetup,
): Verdict {
  try {
    return accept(actor, command, events, setup);
  } catch (error) {
    return toVerdict(actor, command, error);
  } finally {
    setup.blame.leave();
  }
}
