import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import type { Push } from '../../src/dispatcher/push-buffer.js';
import type { StoredBatch } from '../../src/shard/shard-output.js';
import { CELL, createFigures, Figures, readFigures } from '../../src/telemetry/figures.js';
import { PushLines } from '../../src/threads/push-lines.js';
import { type FromPushing, PUSH_CREDIT } from '../../src/threads/push-protocol.js';
import { PushReceivers } from '../../src/threads/push-receiver.js';
import { PushSender } from '../../src/threads/push-sender.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';

const KIB = 1024;

it('brings rows over as a reader of the log gets them', async () => {
  const { sender, seen } = joined();
  const batch = batchAt([7, 9]);
  sender.push(batch);
  await eventually(() => expect(seen.pushes).toHaveLength(1));
  const events = batch.rows.map((row, i) => ({
    ...row,
    position: batch.positions[i],
    recordedAt: 5,
  }));
  expect(seen.pushes[0]).toEqual({ incarnation: 'x/1', events });
});

it('a new line begins with a read: what was stored before it is not pushed', async () => {
  const { seen } = joined();
  await eventually(() => expect(seen.reads).toBe(1));
});

it('H31 without credit pushes are dropped, which is told once, and pushing goes on with a read', async () => {
  const { port1, port2 } = open();
  const { sender, figures } = newSender();
  sender.take(port1);
  const messages: FromPushing[] = [];
  const size = 500 * KIB;
  for (let i = 1; i <= 40; i++) sender.push(batchAt([i], size)); // to one who does not take them
  port2.on('message', (message: FromPushing) => messages.push(message));
  await eventually(() => expect(messages.at(-1)).toEqual({ behind: true }));
  const bytes = messages.reduce((sum, message) => sum + (message.batch?.bytes ?? 0), 0);
  expect(bytes).toBeGreaterThan(PUSH_CREDIT - size);
  expect(bytes).toBeLessThan(PUSH_CREDIT + 2 * size);
  expect(messages.filter((message) => message.behind)).toHaveLength(1);
  const pushed = messages.filter((message) => message.batch).length;
  expect(figures().pushes).toEqual({ pushed, dropped: 40 - pushed });

  const before = messages.length;
  port2.postMessage({ taken: bytes });
  await eventually(() => expect(messages.length).toBeGreaterThan(before));
  sender.push(batchAt([41]));
  await eventually(() => expect(messages.at(-1)?.batch?.events[0]).toBe(41));
  expect(messages.slice(before)).toMatchObject([{ read: true }, { batch: {} }]);
});

it('who takes what is pushed gives back the credit', async () => {
  const { sender, seen, figures } = joined();
  for (let i = 1; i <= 100; i++) {
    sender.push(batchAt([i], 500 * KIB));
    await eventually(() => expect(seen.pushes).toHaveLength(i), 1);
  }
  expect(figures().pushes).toEqual({ pushed: 100, dropped: 0 });
  expect(seen.behind).toBe(0);
});

it('H30 a line whose shard ends has the log read', async () => {
  const { sender, seen } = joined();
  await eventually(() => expect(seen.reads).toBe(1));
  sender.close();
  await eventually(() => expect(seen.reads).toBe(2));
});

it('without a line nothing is made of a batch, also when the processor has ended', async () => {
  const { sender, figures } = newSender();
  const untouchable = { ...batchAt([1]), rows: undefined } as unknown as StoredBatch;
  sender.push(untouchable);
  sender.askToRead();
  const { port1, port2 } = open();
  sender.take(port1);
  port2.close();
  await new Promise((resolve) => port1.once('close', resolve));
  sender.push(untouchable);
  expect(figures().pushes).toEqual({ pushed: 0, dropped: 0 });
});

it('there is a line for each pair that runs, made again when either is replaced', () => {
  const lines = new PushLines();
  const shards = [holder(), holder()];
  const [first, second] = [holder(), holder()];
  lines.shardRuns(0, shards[0]!);
  expect(shards[0]!.count).toBe(0); // nobody is there to take anything
  lines.processorRuns(first);
  lines.shardRuns(1, shards[1]!);
  expect([shards[0]!.count, shards[1]!.count, first.count]).toEqual([1, 1, 2]);
  lines.shardRuns(1, shards[1]!);
  expect([shards[0]!.count, shards[1]!.count, first.count]).toEqual([1, 2, 3]);
  shards[0]!.isRunning = false;
  lines.processorRuns(second);
  expect([shards[0]!.count, shards[1]!.count, second.count]).toEqual([1, 3, 1]);
});

function joined() {
  const { port1, port2 } = open();
  const seen = { pushes: [] as Push[], reads: 0, behind: 0 };
  const receivers = new PushReceivers({
    push: (push) => void seen.pushes.push(push),
    wake: () => void seen.reads++,
    fellBehind: () => void seen.behind++,
  });
  receivers.take(port2);
  const { sender, figures } = newSender();
  sender.take(port1);
  return { sender, seen, figures };
}

function newSender() {
  const memory = createFigures();
  expect(CELL.pushes).toBeGreaterThan(0);
  return { sender: new PushSender(new Figures(memory)), figures: () => readFigures(memory) };
}

function open() {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  return { port1, port2 };
}

function holder() {
  const it = {
    isRunning: true,
    count: 0,
    takeLine(line: MessagePort) {
      it.count += 1;
      line.close();
    },
  };
  return it;
}

function batchAt(positions: readonly number[], size = 0): StoredBatch {
  const data = JSON.stringify({ text: 'x'.repeat(size) });
  const rows = positions.map((position) =>
    eventRow({ aggregate: 'a', id: `at-${position}` }, 1, { data }),
  );
  return { rows, positions, recordedAt: 5, incarnation: 'x/1' };
}
