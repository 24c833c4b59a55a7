import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogTail } from '../../src/dispatcher/log-tail.js';
import type { StoredEvent } from '../../src/store/store.js';
import { type OpenTransaction, PlayedLog } from './support/played-log.js';
import { Reader } from './support/reader.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

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
