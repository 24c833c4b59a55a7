import type { Clock } from '../internal/clock.js';
import { type KeyedCommand, type OutcomeRow, outcomeKey, type StoredOutcome } from './outcomes.js';

interface Kept {
  readonly outcome: StoredOutcome;
  readonly expiresAt: number;
}

/**
 * The first outcome per key of a log in memory. An expired one keeps its key taken until it is looked
 * for or swept, as in a table.
 */
export class MemoryOutcomes {
  private readonly byKey = new Map<string, Kept>();

  constructor(private readonly clock: Clock) {}

  /** Why these cannot be stored, or `undefined`. */
  taken(rows: readonly OutcomeRow[]): string | undefined {
    const own = new Set<string>();
    const taken = rows.find((row) => {
      const key = outcomeKey(row);
      if (own.has(key) || this.byKey.has(key)) return true;
      own.add(key);
      return false;
    });
    return taken && `the key ${taken.key} of ${taken.aggregate}/${taken.id} is taken`;
  }

  store(rows: readonly OutcomeRow[]): void {
    for (const { keepMs, ...outcome } of rows) {
      this.byKey.set(outcomeKey(outcome), { outcome, expiresAt: this.clock.now() + keepMs });
    }
  }

  /** The outcomes among these keys; expired ones are deleted. */
  find(commands: readonly KeyedCommand[]): StoredOutcome[] {
    return commands.flatMap((command) => {
      const key = outcomeKey(command);
      const kept = this.byKey.get(key);
      if (kept && !this.expired(kept)) return [kept.outcome];
      this.byKey.delete(key);
      return [];
    });
  }

  /** Deletes up to `limit` expired outcomes and returns how many. */
  sweep(limit: number): number {
    const gone = [...this.byKey].filter(([, kept]) => this.expired(kept)).slice(0, limit);
    for (const [key] of gone) this.byKey.delete(key);
    return gone.length;
  }

  private expired({ expiresAt }: Kept): boolean {
    return expiresAt <= this.clock.now();
  }
}
