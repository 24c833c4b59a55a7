import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogTail, type TailParts } from '../../src/dispatcher/log-tail.js';
import type { StoredEvent } from '../../src/store/store.js';
import { PlayedLog } from './support/played-log.js';
import { Reader } from './support/reader.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('what shards push', () => {
  it('is given out at once, and the log is read for none of it', async () => {
    const { log, reader, tail } = await following();
    const { reads } = log;
    for (let i = 0; i < 50; i++) {
      push(tail, log, stored(log, 3));
      await pass(4);
    }
    reader.consume();
    expect(reader.seen).toEqual(log.positions);
    expect(log.reads).toBe(reads);
    await tail.stop();
  });

  it('waits for a lower position that comes a moment later, and the log is not read for it', async () => {
    const { log, reader, tail } = await following();
    const { reads } = log;
    const [low, high] = [log.begin(), log.begin()];
    log.draw(low);
    log.draw(high);
    log.draw(low);
    push(tail, log, log.commit(high));
    await pass(3);
    reader.consume();
    expect(reader.seen).toEqual([]);
    push(tail, log, log.commit(low));
    await pass(3);
    reader.consume();
    expect(reader.seen).toEqual([1, 2, 3]);
    await pass(20);
    expect(log.reads).toBe(reads);
    await tail.stop();
  });

  it('passes a position that was rolled back, or is of another process, once the log was read', async () => {
    const { log, reader, tail } = await following();
    log.draw(log.begin()); // still open: it may commit yet
    const foreign = log.begin();
    log.draw(foreign);
    push(tail, log, stored(log, 1));
    await pass(100);
    reader.consume();
    expect(reader.seen).toEqual([]);
    log.commit(foreign);
    log.restart(); // rolls back the first
    await pass(100);
    reader.consume();
    expect(reader.seen).toEqual([2, 3]);
    await tail.stop();
  });

  it('H30 is found at the poll interval when it was lost and nothing follows', async () => {
    const { log, reader, tail } = await following();
    stored(log, 2);
    await pass(520);
    reader.consume();
    expect(reader.seen).toEqual([1, 2]);
    await tail.stop();
  });

  it('H30 is found at the poll interval although others are pushed all the time', async () => {
    const { log, tail } = await following();
    const { reads } = log;
    for (let i = 0; i < 300; i++) {
      push(tail, log, stored(log, 1));
      await pass(10);
    }
    expect(log.reads - reads).toBeGreaterThanOrEqual(5);
    expect(log.reads - reads).toBeLessThanOrEqual(7);
    await tail.stop();
  });

  it('H31 is dropped when too much of it waits for a lower position, and read from the log', async () => {
    const { log, reader, tail } = await following({ pushBounds: { maxEvents: 10 } });
    const low = log.begin();
    log.draw(low);
    for (let i = 0; i < 11; i++) push(tail, log, stored(log, 1));
    expect(tail.fallbacks).toBe(1);
    log.commit(low);
    await pass(100);
    reader.consume();
    expect(reader.seen).toEqual(log.positions);
    await tail.stop();
  });

  it('H31 counts bytes as well', async () => {
    const { log, tail } = await following({ pushBounds: { maxBytes: 100 } });
    log.draw(log.begin());
    const [event] = stored(log, 1);
    push(tail, log, [{ ...event!, data: JSON.stringify('x'.repeat(100)) }]);
    expect(tail.fallbacks).toBe(1);
    await tail.stop();
  });

  it('is read from the log when a push has failed to come, page by page', async () => {
    const { log, reader, tail } = await following();
    stored(log, 2500);
    log.failures = 1;
    tail.wake();
    await pass(200);
    reader.consume();
    expect(reader.seen).toEqual(log.positions);
    await tail.stop();
  });
});

describe('when the log is set back', () => {
  it('what another server pushes is not joined to what the one before said', async () => {
    const { log, reader, tail } = await following();
    push(tail, log, stored(log, 10));
    await pass(10);
    log.setBack(7);
    stored(log, 3); // the new 8 to 10, of another process
    push(tail, log, stored(log, 1));
    await pass(50);
    expect(tail.histories).toBe(2);
    reader.consume(0, 7); // from a checkpoint that was set back as well
    expectLog(reader, log);
    await tail.stop();
  });

  it('a late push of the server before is not taken', async () => {
    const { log, reader, tail } = await following();
    push(tail, log, stored(log, 5));
    const { incarnation } = log;
    const lost = stored(log, 5);
    log.setBack(5);
    push(tail, log, stored(log, 1));
    await pass(50);
    tail.push({ incarnation, events: lost.slice(1) }); // 7 to 10
    await pass(50);
    push(tail, log, stored(log, 3));
    await pass(50);
    expectLog(reader, log);
    await tail.stop();
  });

  it('what waited and is not in the log any more is dropped, although nobody tells of another server', async () => {
    const { log, reader, tail } = await following();
    push(tail, log, stored(log, 5));
    await pass(10);
    push(tail, log, stored(log, 5).slice(2)); // 8 to 10, waiting for 6
    log.setBack(5);
    await pass(50);
    const foreign = stored(log, 1);
    stored(log, 1);
    tail.wake(7);
    await pass(50);
    expectLog(reader, log);
    expect(foreign[0]!.position).toBe(6);
    const low = stored(log, 1);
    push(tail, log, stored(log, 1)); // waits for it anew
    await pass(50);
    expect(reader.seen).not.toContain(low[0]!.position);
    expectLog(reader, log);
    await tail.stop();
  });

  it('what waited is dropped when the end turns out to be another', async () => {
    const { log, reader, tail } = await following();
    push(tail, log, stored(log, 10));
    await pass(10);
    push(tail, log, stored(log, 3).slice(2)); // 13
    log.setBack(7);
    stored(log, 5); // the new 8 to 12
    tail.wake();
    await pass(50);
    expect(tail.end!.position).toBe(12);
    reader.consume(0, 7);
    expectLog(reader, log);
    await tail.stop();
  });

  it('a hole at the place of an earlier one is waited for anew', async () => {
    const { log, reader, tail } = await following();
    push(tail, log, stored(log, 5));
    await pass(10);
    push(tail, log, stored(log, 5).slice(2));
    log.setBack(5);
    await pass(50); // read, and dropped
    stored(log, 1);
    push(tail, log, stored(log, 1));
    await pass(50);
    expectLog(reader, log);
    await tail.stop();
  });
});

/** Reads what there is, and expects that it is what the log says. */
function expectLog(reader: Reader, log: PlayedLog): void {
  reader.consume();
  expect(reader.commandIds).toEqual(log.events.map((event) => event.commandId));
}

describe('what the tail holds', () => {
  const all = () => true;

  it('is let go once all who follow have passed it, and no earlier', async () => {
    let needed = 0;
    const { log, tail } = await following({ needed: () => needed });
    const grow = async (events: number): Promise<void> => {
      push(tail, log, stored(log, events));
      await pass(4);
    };
    await grow(400);
    await grow(400);
    expect(tail.after(0, 1000, all)?.events).toHaveLength(800);
    needed = 1500;
    for (let i = 0; i < 4; i++) await grow(400);
    expect(tail.after(0, 1000, all)).toBeUndefined();
    expect(tail.after(1500, 10_000, all)?.events).toHaveLength(900);
    needed = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 8; i++) await grow(400);
    expect(tail.after(2400, 10_000, all)).toBeUndefined();
    expect(tail.forgotten).toBe(0);
    await tail.stop();
  });

  it('is forgotten at its old end when it is too much, whoever needs it', async () => {
    const { log, tail } = await following({ needed: () => 0, maxEvents: 1000 });
    for (let i = 0; i < 11; i++) {
      push(tail, log, stored(log, 100));
      await pass(4);
    }
    expect(tail.forgotten).toBe(300);
    expect(tail.after(299, 10, all)).toBeUndefined();
    expect(tail.after(300, 10_000, all)?.events).toHaveLength(800);
    await tail.stop();
  });

  it('is bounded in bytes as well', async () => {
    const { log, tail } = await following({ maxBytes: 1000 });
    const one = stored(log, 1)[0] as StoredEvent;
    const bytes = one.data.length + one.metadata.length;
    push(tail, log, [one]);
    for (let i = 0; i < 1500 / bytes; i++) push(tail, log, stored(log, 1));
    await pass(20);
    const held = tail.after(tail.forgotten, 10_000, all)?.events ?? [];
    expect(tail.forgotten).toBeGreaterThan(0);
    expect(held.length * bytes).toBeLessThanOrEqual(1000);
    expect(held.length * bytes).toBeGreaterThan(500);
    await tail.stop();
  });
});

async function following(parts: Partial<TailParts> = {}) {
  const log = new PlayedLog();
  const tail = new LogTail({ store: log, ...parts });
  await pass(20);
  return { log, tail, reader: new Reader(log, () => tail) };
}

/** Commits so many events. */
function stored(log: PlayedLog, count: number): StoredEvent[] {
  const transaction = log.begin();
  for (let i = 0; i < count; i++) log.draw(transaction);
  return log.commit(transaction);
}

function push(tail: LogTail, { incarnation }: PlayedLog, events: StoredEvent[]): void {
  tail.push({ incarnation, events });
}
