import type { Actor } from './actor.js';

/** Notes that others have appended to an actor's stream, up to this version. */
export function noteSeen(actor: Actor, version: number): void {
  if (version > actor.version) actor.seenVersion = Math.max(actor.seenVersion, version);
}

/**
 * Whether an actor's stream is known to be longer than it knows. With uncommitted decisions it is not
 * asked: their commit finds that out.
 */
export function isBehind(actor: Actor): boolean {
  return actor.seenVersion > actor.version && actor.status === 'ready' && actor.uncommitted === 0;
}
