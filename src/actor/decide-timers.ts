import { snapshotIsDue } from '../aggregate/snapshot-policy.js';
import { type Firing, firingOf } from '../aggregate/timer-firing.js';
import type { TimerFired, TimerState } from '../aggregate/timer-stream.js';
import type { CommandMessage } from '../messages/command.js';
import type { EventRow } from '../messages/event.js';
import type { Actor } from './actor.js';
import { isArmed } from './armed.js';
import type { Verdict } from './decide.js';
import { EventInfo, evolve } from './fold.js';
import type { QueuedCommand } from './queued-command.js';

/*
 * The timers of an actor are folded beside its state, by a companion. A command that a timer sent names
 * the timer's generation in its key: it is decided only if that generation is still armed, and `fired`
 * is stored with what was decided. So whatever was cancelled, or fired before, does not fire.
 */

/** What a decision does to the timers of its actor. */
export interface DecidedTimers {
  readonly rows: readonly EventRow[];
  readonly fromVersion: number;
  readonly toVersion: number;
  /** JSON text of their state at `toVersion`, when a snapshot is due. */
  readonly snapshot: string | undefined;
}

/** What a verdict does to the timers of its actor; the companion's state is evolved by it. */
export function decideTimers(
  companion: Actor,
  command: QueuedCommand,
  verdict: Verdict,
): DecidedTimers {
  const fromVersion = companion.version;
  const rows: EventRow[] = [];
  const add = (type: string, data: string): number =>
    rows.push(companionRow(companion, command.message, type, data));
  if (verdict.kind === 'accepted' || verdict.kind === 'rejected') {
    const firing = firingOf(command.message);
    if (firing && isArmed(companion, firing)) add('fired', firedText(firing, verdict));
  }
  if (verdict.kind === 'accepted') {
    const { armed } = companion.state as TimerState;
    for (const [key, text] of command.timers ?? []) {
      if (text !== undefined) add('armed', text);
      // With events it is stored even for an unarmed key: another process may be arming it just now.
      else if (verdict.rows.length > 0 || Object.hasOwn(armed, key))
        add('cancelled', JSON.stringify({ key }));
    }
  }
  const due =
    rows.length > 0 &&
    snapshotIsDue(companion.definition.snapshot, companion.version, companion.snapshotVersion);
  if (due) companion.snapshotVersion = companion.version;
  const snapshot = due ? JSON.stringify(companion.state) : undefined;
  return { rows, fromVersion, toVersion: companion.version, snapshot };
}

function firedText({ key }: Firing, verdict: Verdict): string {
  const fired: TimerFired =
    verdict.kind === 'rejected'
      ? { key, rejection: { code: verdict.rejection.code, message: verdict.rejection.message } }
      : { key };
  return JSON.stringify(fired);
}

function companionRow(
  companion: Actor,
  message: CommandMessage,
  type: string,
  data: string,
): EventRow {
  const { slice, aggregate, id, definition } = companion;
  const { metadata, commandId, occurredAt } = message;
  const version = companion.version + 1;
  const event = { type, data: JSON.parse(data) as unknown };
  companion.state = evolve(
    definition,
    companion.state,
    event,
    new EventInfo(id, version, occurredAt),
  );
  companion.version = version;
  const stored = { slice, aggregate, id, version, type, schemaVersion: 1 };
  return { ...stored, data, metadata, commandId, occurredAt };
}
