import type { SagaCounts, Subscription } from './answers.js';

/** What a stream of changes has told. */
export interface Changes {
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly sagas: ReadonlyMap<string, SagaCounts>;
}

export const NOTHING_KNOWN: Changes = { subscriptions: new Map(), sagas: new Map() };

/** What is known after an event of the stream. */
export function told(known: Changes, name: string, data: unknown): Changes {
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
      return NOTHING_KNOWN;
    default:
      return known;
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([key]) => key !== name));
}
