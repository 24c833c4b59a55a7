import { type Firing, firingOf } from '../aggregate/timer-firing.js';
import type { TimerState } from '../aggregate/timer-stream.js';
import type { Actor } from './actor.js';
import type { QueuedCommand } from './queued-command.js';

/** Is this very timer armed? `companion` folds the timers of an actor. */
export function isArmed(companion: Actor, { key, generation }: Firing): boolean {
  const { armed } = companion.state as TimerState;
  return Object.hasOwn(armed, key) && armed[key] === generation;
}

/** True for the command of a timer that is not armed any more: nothing is decided for it. */
export function isDisarmed({ companion }: Actor, { message }: QueuedCommand): boolean {
  if (!companion) return false;
  const firing = firingOf(message);
  return firing !== undefined && !isArmed(companion, firing);
}
