import type { LogEvent } from './answers.js';

/** Events that are kept. */
export const MOST_TAILED = 500;

/** Those that came last before those that were there, none twice: a stream that was cut off may tell one again. */
export function withNews(
  known: readonly LogEvent[],
  news: readonly LogEvent[],
): readonly LogEvent[] {
  const highest = known[0]?.position ?? 0;
  const fresh = news.filter(({ position }) => position > highest).reverse();
  return [...fresh, ...known].slice(0, MOST_TAILED);
}
