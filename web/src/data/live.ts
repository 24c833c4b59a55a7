import type { SagaCounts, Subscription } from './answers.js';
import type { Problem } from './api.js';
import { openStream, type StreamState } from './event-stream.js';
import { isLocked, token } from './session.js';
import { createStore } from './store.js';

/** What the server tells of itself while the dashboard is open. */
export interface Live {
  readonly state: StreamState;
  readonly problem: Problem | undefined;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly sagas: ReadonlyMap<string, SagaCounts>;
}

const NOTHING: Live = {
  ...{ state: 'connecting', problem: undefined },
  ...{ subscriptions: new Map(), sagas: new Map() },
};

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
    event: (name, data) => live.set(told(live.get(), name, data)),
    state(state, problem) {
      // What was known is told anew to who comes again, but for what is gone meanwhile.
      const known = state === 'open' ? NOTHING : live.get();
      live.set({ ...known, state, problem });
      if (problem?.status === 401) isLocked.set(true);
    },
  });
}

/** What is known after an event of the stream. */
export function told(known: Live, name: string, data: unknown): Live {
  switch (name) {
    case 'subscription': {
      const one = data as Subscription;
      return { ...known, subscriptions: new Map(known.subscriptions).set(one.name, one) };
    }
    case 'saga': {
      const one = data as SagaCounts;
      return { ...known, sagas: new Map(known.sagas).set(one.name, one) };
    }
    case 'gone': {
      const { what, name: gone } = data as { readonly what: string; readonly name: string };
      if (what === 'subscription')
        return { ...known, subscriptions: without(known.subscriptions, gone) };
      return what === 'saga' ? { ...known, sagas: without(known.sagas, gone) } : known;
    }
    case 'reset':
      return { ...known, subscriptions: new Map(), sagas: new Map() };
    default:
      return known;
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([key]) => key !== name));
}
