import { useEffect, useState } from 'preact/hooks';

/** A value that is watched. */
export interface Store<Value> {
  get(): Value;
  set(value: Value): void;
  /** Calls back on each change; returns what ends it. */
  watch(listener: () => void): () => void;
}

export function createStore<Value>(initial: Value): Store<Value> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The value of a store; the component is drawn again when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  const [, redraw] = useState(0);
  const drawn = store.get();
  useEffect(() => {
    const leave = store.watch(() => redraw((n) => n + 1));
    // It may have changed between the drawing and the watching.
    if (!Object.is(drawn, store.get())) redraw((n) => n + 1);
    return leave;
  }, [store]);
  return drawn;
}
