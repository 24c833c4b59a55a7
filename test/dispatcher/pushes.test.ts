import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogTail, type TailParts } from '../../src/dispatcher/log-tail.js';
import type { StoredEvent } from '../../src/store/store.js';
import { type OpenTransaction, PlayedLog } from './support/played-log.js';

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

// ---- any interleaving

const WRITERS = 3;
/** The last writer is another process: it pushes nothing. */
const FOREIGN = WRITERS - 1;

const writer = fc.nat(WRITERS - 1);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('draw' as const), writer }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollBack' as const), writer }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('noCredit' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('credit' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('failRead' as const), writer }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('consume' as const), writer }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('time' as const), writer, ms: fc.nat(12) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

describe('whatever becomes of pushes, transactions, threads, reads and servers', () => {
  it('a consumer gets each committed event once, in order, and none is passed over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 5, maxLength: 80 }),
        fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }),
        async (actions, readMs) => {
          let reads = 0;
          const scene = new Scene(new PlayedLog(() => readMs[reads++ % readMs.length]!));
          for (const one of actions) await scene.act(one);
          await scene.finish();
        },
      ),
      { numRuns: 1500 },
    );
  }, 120_000);
});

type Message = { events: StoredEvent[]; incarnation: string } | 'behind' | 'read';

/** Shards, another process and a processor on a log; messages arrive when they are delivered. */
class Scene {
  private tail: LogTail;
  private readonly reader: Reader;
  private readonly open: (OpenTransaction | undefined)[] = [];
  private readonly lines: Message[][] = Array.from({ length: WRITERS }, () => []);
  private readonly credit = Array.from({ length: WRITERS }, () => true);
  private readonly isBehind = Array.from({ length: WRITERS }, () => false);

  constructor(private readonly log: PlayedLog) {
    this.tail = this.newTail();
    this.reader = new Reader(log, () => this.tail);
  }

  async act(one: Action): Promise<void> {
    const { writer: w } = one;
    const line = this.lines[w]!;
    switch (one.do) {
      case 'draw':
        this.open[w] ??= this.log.begin();
        return void this.log.draw(this.open[w]);
      case 'commit':
        return this.commit(w);
      case 'rollBack':
        return this.rollBack(w);
      case 'deliver':
        return this.deliver(line.shift());
      case 'noCredit':
        this.credit[w] = false;
        return;
      case 'credit':
        if (this.isBehind[w]) line.push('read');
        this.credit[w] = true;
        this.isBehind[w] = false;
        return;
      case 'die': // between an append and its push, or later: what was posted may be lost
        line.length = 0;
        if (this.open[w]) this.log.commit(this.open[w]);
        this.open[w] = undefined;
        return this.tail.wake();
      case 'wake':
        return this.tail.wake(this.log.positions.at(-1));
      case 'replace':
        await this.replace();
        return;
      case 'restart':
        this.log.restart();
        this.open.length = 0;
        return;
      case 'failRead':
        this.log.failures += 1;
        return;
      case 'consume':
        return this.reader.consume(3);
      case 'time':
        await pass(one.ms);
    }
  }

  /** All end, nothing more is delivered: what is left is for the polls. */
  async finish(): Promise<void> {
    for (let w = 0; w < WRITERS; w++) this.commit(w);
    await pass(5000); // longer than failing reads are put off
    this.reader.consume();
    expect(this.reader.seen).toEqual(this.log.positions);
    await this.tail.stop();
    await pass(500); // a read under way ends by itself
    expect(vi.getTimerCount()).toBe(0);
  }

  private commit(w: number): void {
    const { incarnation } = this.log;
    const events = this.open[w] ? this.log.commit(this.open[w]) : [];
    this.open[w] = undefined;
    if (w === FOREIGN || events.length === 0) return;
    if (this.credit[w]) return void this.lines[w]!.push({ events, incarnation });
    if (!this.isBehind[w]) this.lines[w]!.push('behind');
    this.isBehind[w] = true;
  }

  private rollBack(w: number): void {
    if (this.open[w]) this.log.rollBack(this.open[w]);
    this.open[w] = undefined;
  }

  private deliver(message: Message | undefined): void {
    if (message === 'behind') this.tail.fellBehind();
    else if (message === 'read') this.tail.wake();
    else if (message) this.tail.push(message);
  }

  private async replace(): Promise<void> {
    const old = this.tail;
    void old.stop();
    this.tail = this.newTail();
    for (const line of this.lines) line.splice(0, line.length, 'read');
  }

  private newTail(): LogTail {
    const pushBounds = { maxEvents: 8 };
    return new LogTail({ store: this.log, maxEvents: 12, pushBounds });
  }
}

/** Reads as a subscription does: what the tail holds, and what it does not from the log, up to its end. */
class Reader {
  readonly seen: number[] = [];
  readonly commandIds: string[] = [];

  constructor(
    private readonly log: PlayedLog,
    private readonly tail: () => LogTail,
  ) {}

  /** As often as it is told; `from`: what it saw above that is forgotten. */
  consume(batches = Number.POSITIVE_INFINITY, from = Number.POSITIVE_INFINITY): void {
    const known = this.seen.filter((position) => position <= from).length;
    this.seen.length = known;
    this.commandIds.length = known;
    for (let i = 0; i < batches; i++) {
      const { end } = this.tail();
      const after = this.seen.at(-1) ?? 0;
      if (!end || end.position <= after) return;
      const held = this.tail().after(after, 4, () => true);
      const events = held ? held.events : this.log.now(after, end.position).slice(0, 4);
      if (events.length === 0) return;
      for (const { position, commandId } of events) {
        expect(position).toBeGreaterThan(this.seen.at(-1) ?? 0);
        this.seen.push(position);
        this.commandIds.push(commandId);
      }
      // Nothing below may be missing: what is passed is never read again.
      expect(this.log.now(0, this.seen.at(-1)).map((event) => event.position)).toEqual(this.seen);
    }
  }
}

/** Reads what there is, and expects that it is what the log says. */
function expectLog(reader: Reader, log: PlayedLog): void {
  reader.consume();
  expect(reader.commandIds).toEqual(log.events.map((event) => event.commandId));
}

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
