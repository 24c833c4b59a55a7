import { expect, it } from 'vitest';
import type { Consumer, FeedEvent } from '../../src/dispatcher/subscription.js';
import { runTasks } from '../../src/dispatcher/task.js';
import { deferred } from '../../src/internal/deferred.js';
import { CommandRefused } from '../../src/messages/errors.js';
import { eventually } from '../support/eventually.js';
import { manyRows, useSubscriptions } from './support/use-subscriptions.js';

const on = useSubscriptions();
const OPERATOR = { who: 'Ada', why: 'a test' };

/** A consumer with a task for each event, in a lane for each stream. */
function flowing(run: (event: FeedEvent) => void | Promise<void>): Consumer {
  const tasks = (event: FeedEvent) => [
    { lane: `${event.aggregate} ${event.id}`, run: async () => run(event) },
  ];
  return {
    ...{ name: 'flowing', version: 1, fingerprint: 'a', from: 'beginning', effects: 'batch' },
    filter: { aggregates: 'all' },
    tasks,
    handle: (events) => runTasks(events.flatMap(tasks)),
  };
}

async function checkpoint(): Promise<number | undefined> {
  return (await on.subscriptions.list())[0]?.checkpoint.position;
}

const caughtUp = (position: number) =>
  eventually(async () => expect(await checkpoint()).toBe(position));

const nameOf = ({ id, version }: FeedEvent) => `${id}@${version}`;

it('goes on behind one that is slow, and its checkpoint stays before that one', async () => {
  await on.append(manyRows('plain', 50, 1));
  const done = new Set<string>();
  const slow = deferred<void>();
  const { processor } = on.run([
    flowing(async ({ aggregate, id }) => {
      if (id === 's0020' && aggregate === 'plain') await slow.promise;
      done.add(`${aggregate} ${id}`);
    }),
  ]);
  await eventually(() => expect(done.size).toBe(49));
  await caughtUp(20);
  await on.append(manyRows('more', 30, 1));
  processor.wake();
  await eventually(() => expect(done.size).toBe(79));
  expect(processor.statuses[0]).toMatchObject({ position: 20 });
  expect(await checkpoint()).toBe(20);
  slow.resolve();
  await caughtUp(80);
});

it('what was done behind one that was under way when it ended is asked for again, and nothing is left out', async () => {
  await on.append(manyRows('plain', 40, 1));
  const first: string[] = [];
  const { processor } = on.run([
    flowing(({ id }) => {
      first.push(id);
      if (id === 's0010') return new Promise(() => undefined);
      return undefined;
    }),
  ]);
  await eventually(() => expect(first).toHaveLength(40));
  await processor.stop();
  expect(await checkpoint()).toBe(10);
  const second: string[] = [];
  on.run([flowing(({ id }) => void second.push(id))]);
  await caughtUp(40);
  expect(second).toEqual(first.slice(10));
});

it('parks the stream of one that goes on failing, while the others go on', async () => {
  await on.append(manyRows('plain', 20, 2));
  const done: string[] = [];
  let isBroken = true;
  let attempts = 0;
  const { told } = on.run([
    flowing((event) => {
      if (event.id === 's0007' && event.version === 1 && isBroken) {
        attempts += 1;
        throw new Error('always');
      }
      done.push(nameOf(event));
    }),
  ]);
  await caughtUp(40);
  expect(attempts).toBe(2);
  expect(done).toHaveLength(38);
  expect(told.join()).toContain('cannot handle plain/s0007');
  expect(await on.subscriptions.parked('flowing')).toMatchObject([{ id: 's0007', version: 1 }]);
  isBroken = false;
  const stream = { aggregate: 'plain', id: 's0007' };
  await on.subscriptions.askRetry('flowing', stream, OPERATOR);
  await eventually(() => expect(done.slice(38)).toEqual(['s0007@1', 's0007@2']));
});

it('what was passed over behind the checkpoint comes again when an operator skips what it waited for', async () => {
  await on.append(manyRows('bad', 1, 1));
  const done: string[] = [];
  const slow = deferred<void>();
  const { processor } = on.run([
    flowing(async (event) => {
      if (event.aggregate === 'bad' && event.version === 1) throw new Error('always');
      if (event.aggregate === 'slow') await slow.promise;
      done.push(`${event.aggregate} ${nameOf(event)}`);
    }),
  ]);
  await caughtUp(1);
  // It keeps the checkpoint where it is, while what waits for the parked event is passed over.
  await on.append(manyRows('slow', 1, 1));
  await on.append(manyRows('bad', 1, 3).slice(1));
  await on.append(manyRows('end', 1, 1));
  processor.wake();
  await eventually(() => expect(done).toEqual(['end s0000@1']));
  await on.subscriptions.skip('flowing', { aggregate: 'bad', id: 's0000' }, OPERATOR);
  slow.resolve();
  await eventually(() =>
    expect(done).toEqual(expect.arrayContaining(['bad s0000@2', 'bad s0000@3'])),
  );
  await caughtUp(5);
});

it('begins nothing more once another has taken it over', async () => {
  await on.append(manyRows('plain', 1, 30));
  const first: number[] = [];
  const slow = deferred<void>();
  const { processor } = on.run([
    flowing(async ({ version }) => {
      first.push(version);
      if (version === 10) await slow.promise;
    }),
  ]);
  await eventually(() => expect(first).toHaveLength(10));
  const second: number[] = [];
  on.run([{ ...flowing(({ version }) => void second.push(version)), version: 2 }]);
  await caughtUp(30);
  await eventually(() => expect(processor.statuses[0]?.state).toBe('stopped'));
  slow.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(first).toHaveLength(10);
  expect(second[0]).toBeLessThanOrEqual(10);
});

it('who may not send leaves the subscription to a process that may', async () => {
  await on.append(manyRows('plain', 10, 1));
  let refusals = 0;
  on.run([
    flowing(() => {
      refusals += 1;
      throw new CommandRefused('NotOwner', 'another process owns the log');
    }),
  ]);
  await eventually(() => expect(refusals).toBeGreaterThan(0));
  const done = new Set<string>();
  on.run([flowing(({ id }) => void done.add(id))]);
  await eventually(() => expect(done.size).toBe(10));
  await caughtUp(10);
  expect(await on.subscriptions.parked('flowing')).toEqual([]);
});
