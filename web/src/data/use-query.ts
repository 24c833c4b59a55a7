import { useEffect, useState } from 'preact/hooks';
import { ask, Problem } from './api.js';
import { token } from './session.js';
import { useStore } from './store.js';

/** What came of a question so far. What was answered last stays, also when asking again fails. */
export interface Query<Answer> {
  readonly data: Answer | undefined;
  readonly problem: Problem | undefined;
  /** Nothing has been answered yet, well or badly. */
  readonly isLoading: boolean;
  /** Asks again now. */
  refresh(): void;
}

export interface QueryOptions {
  /** Asks again at this pace, while the page is to be seen. Default: once. Milliseconds. */
  readonly everyMs?: number;
  /** What another path was answered stays until this one is: for what is slid through. Default false. */
  readonly isKept?: boolean;
}

interface Found<Answer> {
  readonly path: string | undefined;
  readonly data?: Answer;
  readonly problem?: Problem;
}

const NOTHING = { data: undefined, problem: undefined } as const;

/** Asks the server for JSON; undefined asks nothing. Another path begins anew. */
export function useQuery<Answer>(
  path: string | undefined,
  { everyMs, isKept = false }: QueryOptions = {},
): Query<Answer> {
  const [found, setFound] = useState<Found<Answer>>({ path });
  const [round, setRound] = useState(0);
  const key = useStore(token);
  // Another token, another round: it is asked anew.
  useEffect(() => {
    if (path === undefined) return;
    return poll(path, everyMs, (more: Pick<Found<Answer>, 'data' | 'problem'>) =>
      setFound((before) => ({
        path,
        ...((before.path === path || isKept) && before.data !== undefined && { data: before.data }),
        ...more,
      })),
    );
  }, [path, everyMs, round, key]);
  const { data, problem } = found.path === path || isKept ? found : NOTHING;
  const isLoading = path !== undefined && data === undefined && problem === undefined;
  return { data, problem, isLoading, refresh: () => setRound((n) => n + 1) };
}

/** Asks until it is ended; one question at a time, and none while nobody looks. */
function poll<Answer>(
  path: string,
  everyMs: number | undefined,
  tell: (found: { data: Answer } | { problem: Problem }) => void,
): () => void {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const data = await ask<Answer>(path, { signal: ended.signal });
      if (!ended.signal.aborted) tell({ data });
    } catch (error) {
      if (ended.signal.aborted) return;
      tell({ problem: asProblem(error) });
    }
    if (everyMs !== undefined && !ended.signal.aborted) timer = setTimeout(again, everyMs);
  };
  const again = (): void => {
    if (document.hidden) timer = setTimeout(again, 1000);
    else void look();
  };
  void look();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, { code: 'Unexpected', detail: String(error) });
}
