import { useEffect, useRef } from 'preact/hooks';

/** Calls back at a pace, while the page is to be seen; undefined pauses it. */
export function useEvery(everyMs: number | undefined, callback: () => void): void {
  const latest = useRef(callback);
  latest.current = callback;
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
