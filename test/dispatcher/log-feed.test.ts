import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FeedPage, LogFeed } from '../../src/dispatcher/log-feed.js';
import { deferred } from '../../src/internal/deferred.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a feed', () => {
  it('begins where the source says, and takes page after page, one at a time', async () => {
    const log = new PlayedLog(7, 2);
    const { feed, handled } = await started(log);
    expect(handled).toEqual([
      [4, 5],
      [6, 7],
    ]); // 3 were settled before it began
    expect(feed.mark).toBe(7);
    expect(feed.state).toBe('live');
    await feed.stop();
  });

  it('reads at the poll interval, and before it when it is woken', async () => {
    const log = new PlayedLog(3);
    const { feed, handled } = await started(log);
    log.end = 4;
    await vi.advanceTimersByTimeAsync(480);
    expect(handled).toEqual([]);
    await vi.advanceTimersByTimeAsync(40);
    expect(handled).toEqual([[4]]);
    log.end = 5;
    feed.wake(5);
    await vi.advanceTimersByTimeAsync(1);
    expect(handled).toEqual([[4], [5]]);
    await feed.stop();
  });

  it('does not read for what it knows, and answers many wake-ups by one read', async () => {
    const log = new PlayedLog(3);
    const { feed } = await started(log);
    const { reads } = log;
    feed.wake(3);
    await vi.advanceTimersByTimeAsync(20);
    expect(log.reads).toBe(reads);
    for (let i = 0; i < 100; i++) {
      feed.wake(4 + i);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(log.reads - reads).toBeLessThanOrEqual(11); // one each 10 ms
    await feed.stop();
  });

  it('reads again when it was woken while it read', async () => {
    const log = new PlayedLog(3);
    const { feed, handled } = await started(log);
    log.held = deferred();
    feed.wake(4);
    await vi.advanceTimersByTimeAsync(1);
    log.end = 5;
    feed.wake(5); // the read under way may have begun before it was stored
    log.release([]);
    await vi.advanceTimersByTimeAsync(30);
    expect(handled).toEqual([[4, 5]]);
    await feed.stop();
  });

  it('reads a page again that could not be handled, and none after it before', async () => {
    const log = new PlayedLog(7, 2);
    let failures = 2;
    const { feed, handled } = await started(log, (rows) => {
      if (rows.includes(6) && failures-- > 0) throw new Error('not now');
    });
    expect(feed.state).toBe('stalled');
    expect(feed.mark).toBe(5);
    await vi.advanceTimersByTimeAsync(200);
    expect(handled).toEqual([
      [4, 5],
      [6, 7],
      [6, 7],
      [6, 7],
    ]);
    expect(feed.state).toBe('live');
    await feed.stop();
  });

  it('tells that it stalls, with the cause, and that it goes on', async () => {
    const log = new PlayedLog(4);
    const { feed, changes } = await started(log);
    log.failure = new Error('away');
    await vi.advanceTimersByTimeAsync(3000);
    log.failure = undefined;
    await vi.advanceTimersByTimeAsync(3000);
    expect(changes).toEqual(['stalled: away', 'catchingUp']);
    log.held = deferred();
    await vi.advanceTimersByTimeAsync(6000);
    expect(feed.state).toBe('stalled');
    log.release([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(changes.slice(2)).toEqual([expect.stringMatching(/^stalled: .* 5000 ms/), 'catchingUp']);
    await feed.stop();
  });

  it('follows a log that was set back', async () => {
    const log = new PlayedLog(9);
    const { feed, handled } = await started(log);
    log.end = 6;
    await vi.advanceTimersByTimeAsync(600);
    expect(feed.mark).toBe(6);
    log.end = 8;
    await vi.advanceTimersByTimeAsync(600);
    expect(handled.at(-1)).toEqual([7, 8]);
    await feed.stop();
  });

  it('stops at once, whatever it waits for, and leaves no timer', async () => {
    const log = new PlayedLog(3);
    const { feed, handled } = await started(log);
    log.held = deferred();
    feed.wake();
    await vi.advanceTimersByTimeAsync(1);
    await feed.stop();
    log.release([4]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(handled).toEqual([]);
    expect(feed.state).toBe('stopped');
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** A log whose rows are their positions. */
class PlayedLog {
  reads = 0;
  failure: Error | undefined;
  /** Holds back the next read. */
  held: ReturnType<typeof deferred<number[]>> | undefined;

  constructor(
    public end: number,
    private readonly pageSize = 100,
  ) {}

  start(): Promise<number> {
    return Promise.resolve(3);
  }

  async read(after: number): Promise<FeedPage<number>> {
    this.reads += 1;
    if (this.failure) throw this.failure;
    if (this.held) return { rows: await this.held.promise, upTo: after, more: false };
    if (this.end < after) return { rows: [], upTo: this.end, more: false };
    const length = Math.min(this.pageSize, this.end - after);
    const rows = Array.from({ length }, (_, i) => after + i + 1);
    return { rows, upTo: after + length, more: length === this.pageSize };
  }

  release(rows: number[]): void {
    this.held?.resolve(rows);
    this.held = undefined;
  }
}

async function started(
  log: PlayedLog,
  handle: (rows: readonly number[]) => void = () => undefined,
) {
  const handled: (readonly number[])[] = [];
  const changes: string[] = [];
  const feed = new LogFeed<number>({
    source: log,
    handle(rows) {
      handled.push(rows);
      handle(rows);
    },
    changed: (state, cause) => changes.push(cause ? `${state}: ${cause.message}` : state),
  });
  feed.start();
  await vi.advanceTimersByTimeAsync(15);
  return { feed, handled, changes };
}
