import type { Actor } from '../actor/actor.js';
import type { ActorState } from './questions.js';

/** What an actor in memory does, in an operator's words. */
export function stateOf(actor: Actor, isQuarantined: boolean): ActorState {
  if (isQuarantined) return 'quarantined';
  switch (actor.status) {
    case 'cold':
    case 'loading':
    case 'draining':
      return 'recovering';
    case 'backingOff':
      return 'backingOff';
    case 'deciding':
      return 'busy';
    case 'ready':
      if (actor.mailbox.size > 0) return 'busy';
      return actor.uncommitted > 0 ? 'committing' : 'idle';
  }
}
