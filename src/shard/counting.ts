import type { Actor } from '../actor/actor.js';
import { type DecideSetup, decide, type Verdict } from '../actor/decide.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import { CELL } from '../telemetry/figures.js';
import type { ShardTelemetry } from '../telemetry/shard-telemetry.js';
import type { CutReason } from './group-commit.js';

/** Decides a command; counts how long it waited and, for one in 64, how long it took. */
export function decideCounted(
  actor: Actor,
  command: QueuedCommand,
  { setup, telemetry }: { readonly setup: DecideSetup; readonly telemetry: ShardTelemetry },
): Verdict {
  telemetry.waited(command.receivedAt);
  return telemetry.isSample
    ? telemetry.decided(() => decide(actor, command, setup))
    : decide(actor, command, setup);
}

/** An actor was cut out of a batch with this many commands, which go back to its mailbox. */
export function countCutOut(
  telemetry: ShardTelemetry,
  { aggregate, id }: Actor,
  reason: CutReason,
  retries: number,
): void {
  telemetry.figures.add(CELL.retries, retries);
  if (reason === 'conflict') telemetry.figures.add(CELL.conflicts);
  if (telemetry.logs('debug'))
    telemetry.log('debug', { aggregate, id, reason, retries }, 'an actor was cut out of a batch');
}
