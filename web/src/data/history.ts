import type { Page, Shard } from './answers.js';
import { ask, type Problem } from './api.js';
import { live } from './live.js';
import { heatBetween, type Reading, type Sample, sampleOf } from './samples.js';
import { isLocked, token } from './session.js';
import { createStore } from './store.js';
import { asProblem } from './use-query.js';

/** What was seen of the shards since the dashboard was opened, the last ten minutes of it. */
export interface History {
  /** Oldest first; null where nobody looked, or the server did not answer. */
  readonly samples: readonly (Sample | null)[];
  readonly last: Reading | undefined;
  /** Commands per second of each slice, lately. */
  readonly heat: readonly number[];
  readonly problem: Problem | undefined;
}

const EVERY_MS = 1000;
const MOST = 600;
/** How much a new look weighs: heat of some seconds. */
const FRESH = 0.25;

export const history = createStore<History>({
  ...{ samples: [], heat: [] },
  ...{ last: undefined, problem: undefined },
});

/** Looks each second, while the page is to be seen, until it is ended. */
export function keepHistory(): () => void {
  let isAsking = false;
  const look = async (): Promise<void> => {
    if (isAsking || document.hidden || isLocked.get()) return;
    isAsking = true;
    try {
      const { items } = await ask<Page<Shard>>('/inspect/shards?limit=1000');
      take({ at: Date.now(), shards: items, lag: lagNow() });
    } catch (error) {
      history.set({ ...history.get(), problem: asProblem(error) });
    }
    isAsking = false;
  };
  void look();
  const timer = setInterval(() => void look(), EVERY_MS);
  const leave = token.watch(() => void look());
  return () => {
    clearInterval(timer);
    leave();
  };
}

function take(reading: Reading): void {
  const { last, samples, heat } = history.get();
  if (!last) return history.set({ ...history.get(), last: reading, problem: undefined });
  const sample = sampleOf(last, reading);
  const isGap = reading.at - last.at > 5 * EVERY_MS;
  const now = heatBetween(last, reading);
  history.set({
    samples: [...samples, ...(isGap ? [null] : []), sample].slice(-MOST),
    last: reading,
    heat: now.map((rate, slice) => mix(heat[slice], rate)),
    problem: undefined,
  });
}

function mix(before: number | undefined, now: number): number {
  return before === undefined ? now : before + (now - before) * FRESH;
}

function lagNow(): number | undefined {
  const lags = [...live.get().subscriptions.values()].map(({ lag }) => lag);
  return lags.length === 0 ? undefined : Math.max(...lags);
}
