import type { AppendLockHolder } from './statements/append-lock.js';

/*
 * Positions are drawn before the commit, so a reader can see 7 before 6 commits. The rule:
 *
 *   page has a hole -> who holds the append lock now? (asked after the hole was seen)
 *                   -> wait until those very transactions are gone
 *                   -> read the page's range again, in a new statement: what is missing was rolled back
 *
 * A writer takes the lock before it draws a position and its events become visible before the lock is
 * released, so a position below one that was seen either belongs to a holder or is settled.
 */

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;
const REPORT_AFTER_MS = 5000;

/** What stands at a position of the log. */
interface Placed {
  readonly position: number;
}

/** Who may have positions under way; each call is a statement of its own. */
export interface LockWatch {
  holders(): Promise<readonly AppendLockHolder[]>;
  /** Told once if a hole stays open for long. */
  stalled?(after: number, holders: readonly AppendLockHolder[]): void;
}

/** What the rule needs from the database. */
export interface GapReader<Row extends Placed> extends LockWatch {
  range(after: number, upTo: number): Promise<Row[]>;
}

/** Is a position missing between `after` and the end of the page? */
export function hasHole(after: number, page: readonly Placed[]): boolean {
  const last = page.at(-1);
  return last !== undefined && last.position - after !== page.length;
}

/** The page with every event that will ever be in its range. */
export async function settlePage<Row extends Placed>(
  after: number,
  page: Row[],
  reader: GapReader<Row>,
): Promise<Row[]> {
  const last = page.at(-1);
  if (!last || !hasHole(after, page)) return page;
  await untilSettled(after, reader);
  return reader.range(after, last.position);
}

/** Resolves when whoever holds the append lock now does not any more; `after` is for the report. */
export async function untilSettled(after: number, watch: LockWatch): Promise<void> {
  const holders = await watch.holders();
  if (holders.length > 0) await untilGone(after, holders, watch);
}

async function untilGone(
  after: number,
  first: readonly AppendLockHolder[],
  watch: LockWatch,
): Promise<void> {
  const open = new Set(first.map((holder) => holder.transaction));
  let waitMs = FIRST_WAIT_MS;
  let reportIn = REPORT_AFTER_MS;
  for (;;) {
    const still = (await watch.holders()).filter((holder) => open.has(holder.transaction));
    if (still.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    reportIn -= waitMs;
    if (reportIn <= 0) {
      watch.stalled?.(after, still);
      reportIn = Number.POSITIVE_INFINITY;
    }
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}
