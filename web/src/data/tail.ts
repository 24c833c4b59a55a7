import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogEvent } from './answers.js';
import { type Problem, pathOf } from './api.js';
import { openStream, type StreamState } from './event-stream.js';
import { MOST_TAILED, withNews } from './newest-events.js';
import { token } from './session.js';
import { useStore } from './store.js';

/** The end of the log, as it grows. */
export interface Tail {
  readonly state: StreamState;
  readonly problem: Problem | undefined;
  /** Newest first, the last ones. */
  readonly events: readonly LogEvent[];
  /** Events that came while it was paused. */
  readonly held: number;
  /** The server let events be missed, since they were not taken fast enough: those after this position. */
  readonly missedAfter: number | undefined;
}

export interface TailOptions {
  readonly filter: Readonly<Record<'aggregate' | 'id' | 'type', string>>;
  /** Position to begin after; undefined begins now. */
  readonly after: number | undefined;
  readonly isPaused: boolean;
}

/** So often what came is shown: a log may grow by thousands of events a second. */
const SHOW_MS = 250;

const NOTHING: Tail = {
  ...{ state: 'connecting', problem: undefined },
  ...{ events: [], held: 0, missedAfter: undefined },
};

/** Follows the log while the component is shown. Another filter begins anew. */
export function useTail({ filter, after, isPaused }: TailOptions): Tail {
  const [tail, setTail] = useState<Tail>(NOTHING);
  const arrived = useRef<LogEvent[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  const key = useStore(token);
  const path = pathOf(['inspect', 'events', 'live'], { ...filter, after });
  // Another token: it is asked anew.
  useEffect(() => {
    arrived.current = [];
    setTail(NOTHING);
    const close = openStream(path, {
      state: (state, problem) => setTail((known) => ({ ...known, state, problem })),
      event(name, data) {
        if (name === 'event') arrived.current.push(data as LogEvent);
        else if (name === 'reset') setTail((known) => ({ ...known, missedAfter: missedIn(data) }));
      },
    });
    const timer = setInterval(() => {
      const news = arrived.current.slice(-MOST_TAILED);
      if (paused.current) {
        arrived.current = news;
        setTail((known) => (known.held === news.length ? known : { ...known, held: news.length }));
      } else if (news.length > 0) {
        arrived.current = [];
        setTail((known) => ({ ...known, held: 0, events: withNews(known.events, news) }));
      }
    }, SHOW_MS);
    return () => {
      clearInterval(timer);
      close();
    };
  }, [path, key]);
  return tail;
}

function missedIn(data: unknown): number | undefined {
  const { missedAfter } = data as { readonly missedAfter?: unknown };
  return typeof missedAfter === 'number' ? missedAfter : 0;
}
