import type { Domain } from '../aggregate/domain.js';
import { ownerOfTimers, timerStreamOf } from '../aggregate/timer-stream.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { StoredTimer, TimerPayload, TimerTable } from '../store/timers.js';

/** A timer that is armed. */
export interface PendingTimer {
  /** Name of the aggregate; of others than aggregates, the name of their streams in the log. */
  readonly aggregate: string;
  readonly id: string;
  readonly key: string;
  readonly dueAt: Date;
  /** What is sent then. */
  readonly command: { readonly type: string; readonly data: unknown };
  /** Why its command failed, again and again: it waits until a process starts that may have the bug mended. */
  readonly failure: PlainError | undefined;
}

/** Which timers are wanted. */
export interface TimersQuery {
  /** Name of an aggregate. Default: of all. */
  readonly aggregate?: string;
  readonly id?: string;
  /** Due before this moment: a date, Unix milliseconds or an ISO string. */
  readonly dueBefore?: Date | number | string;
  /** The last timer of the page before. */
  readonly after?: PendingTimer;
  /** Timers at most, 1 to 1 000. Default 100. */
  readonly limit?: number;
}

const LIMIT = 100;
const MAX_LIMIT = 1000;

/** Answers which timers are armed, from the index. */
export class PendingTimers {
  constructor(
    private readonly domain: Pick<Domain, 'aggregates' | 'stored'>,
    private readonly table: Pick<TimerTable, 'list'>,
    /** Runs before each question, where nothing else keeps the index up to date. */
    private readonly refresh: () => Promise<void> = async () => undefined,
  ) {}

  /** See `Runtime.timers`. */
  async list(query: TimersQuery): Promise<readonly PendingTimer[]> {
    const { aggregate, id, dueBefore, after, limit = LIMIT } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
      throw invalid('limit', `a whole number from 1 to ${MAX_LIMIT}`, limit);
    const asked = {
      ...{ id, limit },
      source: aggregate === undefined ? undefined : this.streamOf(aggregate),
      dueBefore: dueBefore === undefined ? undefined : instant(dueBefore),
      after: after && {
        ...{ source: this.streamOf(after.aggregate), id: after.id, key: after.key },
        dueAt: after.dueAt.getTime(),
      },
    };
    await this.refresh();
    return (await this.table.list(asked)).map((timer) => this.pending(timer));
  }

  private pending({ source, id, key, dueAt, payload, failure }: StoredTimer): PendingTimer {
    const { type, data } = JSON.parse(payload) as TimerPayload;
    const owner = ownerOfTimers(source);
    const aggregate = this.domain.stored.get(owner ?? '')?.name ?? owner ?? source;
    return { aggregate, id, key, dueAt: new Date(dueAt), command: { type, data }, failure };
  }

  private streamOf(aggregate: string): string {
    if (aggregate.startsWith('$')) return aggregate;
    const known = this.domain.aggregates.get(aggregate);
    if (known) return timerStreamOf(known.storedAs);
    const expected = oneOf([...this.domain.aggregates.keys()], aggregate);
    const message = `The domain module exports no aggregate named ${aggregate}: expected ${expected}`;
    throw new SetupError('UnknownAggregate', message, { name: aggregate });
  }
}

function instant(value: Date | number | string): number {
  const ms = new Date(value).getTime();
  if (!Number.isNaN(ms)) return ms;
  throw invalid('dueBefore', 'a date, Unix milliseconds or an ISO string', value);
}

function invalid(option: string, expected: string, given: unknown): SetupError {
  const message = `Option ${option} of timers: expected ${expected}, got ${String(given)}`;
  return new SetupError('InvalidOption', message, { option, expected, given: String(given) });
}
