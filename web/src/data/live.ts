import type { Problem } from './api.js';
import { type Changes, NOTHING_KNOWN, told } from './changes.js';
import { openStream, type StreamState } from './event-stream.js';
import { isLocked, token } from './session.js';
import { createStore } from './store.js';

/** What the server tells of itself while the dashboard is open. */
export interface Live extends Changes {
  readonly state: StreamState;
  readonly problem: Problem | undefined;
}

const NOTHING: Live = { ...NOTHING_KNOWN, state: 'connecting', problem: undefined };

/** Subscriptions and sagas as they are now, and whether the server is there. */
export const live = createStore<Live>(NOTHING);

/** Follows the changes until it is ended. A new token begins anew. */
export function followChanges(): () => void {
  let close = open();
  const leave = token.watch(() => {
    close();
    close = open();
  });
  return () => {
    leave();
    close();
  };
}

function open(): () => void {
  return openStream('/inspect/live?topic=subscription&topic=saga', {
    event: (name, data) => live.set({ ...live.get(), ...told(live.get(), name, data) }),
    state(state, problem) {
      // What was known is told anew to who comes again, but for what is gone meanwhile.
      const known = state === 'open' ? NOTHING : live.get();
      live.set({ ...known, state, problem });
      if (problem?.status === 401) isLocked.set(true);
    },
  });
}
