import { compareCodePoints } from '../messages/ids.js';
import type { PlainError } from '../messages/plain-error.js';
import type { Sql } from './sql.js';
import {
  type StoredTimer,
  type TimerChanges,
  type TimerName,
  type TimerQuery,
  type TimerTable,
  timerKey,
} from './timers.js';

/** The armed timers of a log in memory. */
export class MemoryTimerTable implements TimerTable {
  private readonly timers = new Map<string, StoredTimer>();

  async save(_tx: Sql, { armed, ended }: TimerChanges): Promise<void> {
    for (const timer of ended) this.timers.delete(timerKey(timer));
    for (const timer of armed) this.timers.set(timerKey(timer), timer);
  }

  async upcoming(source: string, limit: number): Promise<readonly StoredTimer[]> {
    return [...this.timers.values()]
      .filter((timer) => timer.source === source && !timer.failure)
      .sort((a, b) => a.dueAt - b.dueAt || a.position - b.position)
      .slice(0, limit);
  }

  async fail(timer: StoredTimer, failure: PlainError): Promise<void> {
    const key = timerKey(timer);
    const known = this.timers.get(key);
    if (known?.generation === timer.generation) this.timers.set(key, { ...known, failure });
  }

  async retryFailed(source: string): Promise<void> {
    for (const [key, timer] of this.timers)
      if (timer.source === source && timer.failure)
        this.timers.set(key, { ...timer, failure: undefined });
  }

  async list({ source, id, dueBefore, after, limit }: TimerQuery): Promise<readonly StoredTimer[]> {
    return [...this.timers.values()]
      .filter((timer) => source === undefined || timer.source === source)
      .filter((timer) => id === undefined || timer.id === id)
      .filter((timer) => dueBefore === undefined || timer.dueAt < dueBefore)
      .filter((timer) => after === undefined || compareTimers(timer, after) > 0)
      .sort(compareTimers)
      .slice(0, limit);
  }
}

type Place = TimerName & Pick<StoredTimer, 'dueAt'>;

function compareTimers(a: Place, b: Place): number {
  return (
    a.dueAt - b.dueAt ||
    compareCodePoints(a.source, b.source) ||
    compareCodePoints(a.id, b.id) ||
    compareCodePoints(a.key, b.key)
  );
}
