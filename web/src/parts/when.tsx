import { useEffect, useState } from 'preact/hooks';
import { createStore, useStore } from '../data/store.js';
import { dateAndTime, fromNow, timeOrDate } from '../format/times.js';

/** The time, by the second. */
const now = createStore(Date.now());
setInterval(() => {
  if (!document.hidden) now.set(Date.now());
}, 1000);

/** How long ago, or how soon; the time itself as its title. */
export function When({ at }: { at: number }) {
  const current = useStore(now);
  return (
    <time dateTime={new Date(at).toISOString()} title={`${dateAndTime(at)} (${at})`}>
      {fromNow(at, current)}
    </time>
  );
}

/** A time of day, with its date if that is not today; both and the time zone as its title. */
export function At({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateAndTime(at)}>
      {timeOrDate(at, Date.now())}
    </time>
  );
}

/** A value that has come to rest: what is typed is asked for once one pauses. */
export function useSettled<Value>(value: Value, afterMs = 250): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
