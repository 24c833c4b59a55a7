import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { BatchMeter } from '../../src/dispatcher/batch-meter.js';
import { Pipeline, type PipelineParts } from '../../src/dispatcher/pipeline.js';
import type { Task } from '../../src/dispatcher/task.js';
import { Turnstile } from '../../src/dispatcher/turnstile.js';
import { deferred } from '../../src/internal/deferred.js';
import type { StoredEvent } from '../../src/messages/event.js';
import { StoreUnavailable } from '../../src/store/unavailable.js';
import { FeedTelemetry } from '../../src/telemetry/feed-telemetry.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';

const START = { position: 0, commandId: '' };

/** Event number `position` of the log, of this stream. */
function event(position: number, id = `s${position}`): StoredEvent {
  const row = eventRow({ aggregate: 'a', id }, 1);
  return { ...row, commandId: `c${position}`, position, recordedAt: 1 };
}

const placeOf = ({ position, commandId }: StoredEvent) => ({ position, commandId });

/** A pipeline whose tasks wait to be ended by the test. */
class Played {
  /** Positions of begun tasks, in order. */
  readonly begun: number[] = [];
  readonly parked = new Set<string>();
  readonly blamed: string[] = [];
  private readonly ends = new Map<number, ((error?: Error) => void)[]>();
  readonly pipeline: Pipeline;

  constructor(
    private readonly lanesOf: (event: StoredEvent) => readonly string[] = ({ id }) => [id],
    given: Partial<PipelineParts> = {},
  ) {
    this.pipeline = new Pipeline(START, {
      tasksOf: (it) => this.tasksOf(it),
      isOpen: ({ id }) => !this.parked.has(id),
      blame: {
        enter: (from, upTo) => void this.blamed.push(`${from}-${upTo}`),
        leave: () => void this.blamed.push('none'),
      },
      meter: new BatchMeter('played', new FeedTelemetry()),
      turnstile: new Turnstile(),
      retry: { attempts: 2, firstMs: 1, maxMs: 2 },
      changed: () => undefined,
      ...given,
    });
  }

  tasksOf(it: StoredEvent): Task[] {
    return this.lanesOf(it).map((lane) => ({ lane, run: () => this.run(it) }));
  }

  take(...events: StoredEvent[]): void {
    this.pipeline.take({ events, upTo: placeOf(events.at(-1) as StoredEvent) });
  }

  private run({ position }: StoredEvent): Promise<void> {
    this.begun.push(position);
    return new Promise((resolve, reject) => {
      const ends = this.ends.get(position) ?? [];
      ends.push((error) => (error ? reject(error) : resolve()));
      this.ends.set(position, ends);
    });
  }

  /** Ends the attempt that waits longest at this event. */
  async end(position: number, error?: Error): Promise<void> {
    await eventually(() => expect(this.ends.get(position)?.length).toBeGreaterThan(0), 1);
    this.ends.get(position)?.shift()?.(error);
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const begins = (played: Played, ...positions: number[]) =>
  eventually(() => expect(played.begun).toEqual(positions), 1);

it('all is done up to before the oldest event under way, in whichever order they end', async () => {
  const order = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(order, fc.array(fc.nat(3), { maxLength: 12 }), async (ends, unwanted) => {
      const played = new Played();
      for (let position = 1; position <= 12; position++) {
        const upTo = position + (unwanted[position] ?? 0) / 10;
        played.pipeline.take({
          events: [event(position)],
          upTo: { position: upTo, commandId: '' },
        });
      }
      const left = new Set(ends);
      for (const position of ends) {
        await played.end(position);
        left.delete(position);
        const oldest = Math.min(...left, Number.POSITIVE_INFINITY);
        expect(played.pipeline.done.position).toBeLessThan(oldest);
        if (left.size > 0) expect(played.pipeline.done.position).toBeGreaterThanOrEqual(oldest - 1);
        else expect(played.pipeline.done.position).toBeGreaterThanOrEqual(12);
      }
    }),
    { numRuns: 30 },
  );
});

it('a lane runs one task at a time, in the order of the log; others do not wait for it', async () => {
  const played = new Played(({ id }) => [id]);
  played.take(event(1, 'x'), event(2, 'x'), event(3, 'y'));
  played.take(event(4, 'x'), event(5, 'z'));
  await begins(played, 1, 3, 5);
  await played.end(1);
  await begins(played, 1, 3, 5, 2);
  await played.end(2);
  await begins(played, 1, 3, 5, 2, 4);
  expect(played.pipeline.done.position).toBe(2);
});

it('an event is finished when all of its tasks are', async () => {
  const played = new Played(() => ['x', 'y']);
  played.take(event(1), event(2));
  await played.end(1);
  expect(played.pipeline.done).toEqual(START);
  await played.end(1);
  expect(played.pipeline.done.position).toBe(1);
});

it('what fails and passes by itself is tried until it succeeds; only its lane waits', async () => {
  const played = new Played(({ id }) => [id]);
  played.take(event(1, 'x'), event(2, 'x'), event(3, 'y'), event(4, 'y'));
  for (let i = 0; i < 4; i++) {
    await played.end(1, new StoreUnavailable('not now'));
    expect(played.pipeline.trouble).toMatchObject({ attempts: i + 1 });
  }
  await played.end(3);
  await played.end(4);
  expect(played.begun.filter((position) => position === 2)).toEqual([]);
  expect(played.pipeline.done).toEqual(START);
  await played.end(1);
  await played.end(2);
  expect(played.pipeline.done.position).toBe(4);
  expect(played.pipeline.trouble).toBe(undefined);
});

it('one that goes on failing is given up once it is the oldest; its stream ends there, its lane does not', async () => {
  const played = new Played(() => ['x']);
  played.take(event(1, 'other'), event(2, 'bad'), event(3, 'good'), event(4, 'bad'));
  const slow = new Played();
  await played.end(1);
  await played.end(2, new Error('no'));
  await played.end(2, new Error('no'));
  await begins(played, 1, 2, 2, 3);
  expect(played.pipeline.givenUp?.event.position).toBe(2);
  await played.end(3);
  played.take(event(5, 'bad'), event(6, 'good'));
  await played.end(6);
  expect(played.begun).toEqual([1, 2, 2, 3, 6]);
  expect(played.pipeline.done.position).toBe(1);
  played.parked.add('bad');
  played.pipeline.parked(played.pipeline.givenUp as never);
  expect(played.pipeline.done.position).toBe(6);
  slow.pipeline.end();
});

it('is not given up while an older one is under way: a checkpoint behind it would leave that out', async () => {
  const played = new Played();
  played.take(event(1), event(2));
  await played.end(2, new Error('no'));
  await played.end(2, new Error('no'));
  await settled();
  expect(played.pipeline.givenUp).toBe(undefined);
  await played.end(1);
  expect(played.pipeline.givenUp?.event.position).toBe(2);
});

it('one whose tasks cannot be told keeps its stream waiting, and nothing else', async () => {
  let failures = 0;
  const played: Played = new Played(undefined, {
    tasksOf(it) {
      if (it.position === 1 && failures++ < 1) throw new Error('cannot tell');
      return played.tasksOf(it);
    },
  });
  played.take(event(1, 'x'), event(2, 'y'), event(3, 'x'));
  expect(played.begun).toEqual([2]);
  await played.end(1);
  await played.end(3);
  expect(played.begun).toEqual([2, 1, 3]);
  expect(played.pipeline.done.position).toBe(1);
});

it('takes no more than it has room for, in events and in bytes', async () => {
  const played = new Played();
  const { room } = played.pipeline;
  const events = Array.from({ length: room }, (_, i) => event(i + 1));
  played.take(...events);
  expect(played.pipeline.room).toBe(0);
  await played.end(7);
  expect(played.pipeline.room).toBe(1);
  played.pipeline.end();
  const heavy = new Played();
  heavy.take(...events.slice(0, 20).map((it) => ({ ...it, data: 'x'.repeat(1024 * 1024) })));
  expect(heavy.pipeline.room).toBe(0);
  heavy.pipeline.end();
});

it('reads only so far ahead of the oldest one: a crash repeats what lies between', async () => {
  const played = new Played();
  played.take(event(1), event(1_000_000));
  expect(played.pipeline.room).toBe(0);
  await played.end(1);
  await played.end(1_000_000);
  expect(played.pipeline.room).toBeGreaterThan(0);
});

it('begins nothing after its end, and resolves when nothing runs any more', async () => {
  const played = new Played(() => ['x']);
  played.take(event(1), event(2));
  await begins(played, 1);
  played.pipeline.end();
  const ended = vi.fn();
  void played.pipeline.ended().then(ended);
  await settled();
  expect(ended).not.toHaveBeenCalled();
  await played.end(1);
  await eventually(() => expect(ended).toHaveBeenCalled(), 1);
  expect(played.begun).toEqual([1]);
  expect(played.pipeline.done).toEqual(START);
});

it('tells what is under way, where it is seen when the thread is dead', async () => {
  const played = new Played();
  played.take(event(1), event(2), event(3));
  expect(played.blamed.at(-1)).toBe('1-3');
  await played.end(1);
  expect(played.blamed.at(-1)).toBe('2-3');
  await played.end(3);
  expect(played.blamed.at(-1)).toBe('2-2');
  await played.end(2);
  expect(played.blamed.at(-1)).toBe('none');
});

it('waits for who has to run alone, and is not under suspicion meanwhile', async () => {
  const turnstile = new Turnstile();
  const played = new Played(undefined, { turnstile });
  const alone = deferred<void>();
  const isAlone = turnstile.pass(true, () => alone.promise);
  played.take(event(1));
  await settled();
  expect([played.begun, played.blamed.at(-1)]).toEqual([[], 'none']);
  alone.resolve();
  await isAlone;
  await begins(played, 1);
  await played.end(1);
});

it('what takes long keeps nobody waiting who has to run alone', async () => {
  const turnstile = new Turnstile();
  const played: Played = new Played(undefined, {
    turnstile,
    tasksOf: (it) => played.tasksOf(it).map((task) => ({ ...task, isLong: it.position === 1 })),
  });
  played.take(event(1));
  await begins(played, 1);
  await turnstile.pass(true, async () => undefined);
  played.take(event(2));
  await begins(played, 1, 2);
  const waited = vi.fn();
  void turnstile.pass(true, async () => waited());
  await settled();
  expect(waited).not.toHaveBeenCalled();
  await played.end(2);
  await eventually(() => expect(waited).toHaveBeenCalled(), 1);
  await played.end(1);
});
