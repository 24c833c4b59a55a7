import type { Decision } from '../actor/decision.js';
import type { SnapshotBuffer } from '../actor/snapshot-buffer.js';

/** What a decision did to timers is durable. `positions` holds those of its rows. */
export function settleTimers(
  { actor, command, timers }: Decision,
  positions: readonly number[],
  snapshots: SnapshotBuffer,
): void {
  const { companion } = actor;
  if (!companion || !timers) return;
  companion.committed = {
    version: timers.toVersion,
    position: positions.at(-1) ?? 0,
    commandId: command.message.commandId,
  };
  if (timers.snapshot !== undefined) snapshots.take(companion, timers.snapshot);
}
