import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineHandler, definePublication, MemoryPublisher, ndjsonFile, only } from 'troupe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSUMER, type FeedEvent } from '../../src/dispatcher/subscription.js';
import type { ProjectionContext } from '../../src/projection/projection-context.js';
import type { SentCommand } from '../../src/projection/send.js';
import { history, purse, transfer } from './support/ledger.js';

const events = history(
  ['a', 'opened', { owner: 'mia' }],
  ['t', 'booked', { from: 'a', to: 'b', cents: 4 }],
  ['a', 'put', { cents: 1 }],
);
const noTx = { query: () => Promise.reject(new Error('no statement was expected')) };

describe('a handler', () => {
  it('gets its events in order, and sends with keys that stay the same when it is run again', async () => {
    const seen: string[] = [];
    const handler = defineHandler({
      ...{ name: 'echo', version: 1, on: [purse, only(transfer, 'booked')] },
      async handle(event, context) {
        seen.push(`${event.aggregate} ${event.type} ${context.key()} ${context.key(7)}`);
        if (event.type !== 'booked') return;
        await context.send(purse, event.data.to, { type: 'go', data: {} });
        await context.send(purse, event.data.from, { type: 'go', data: {} });
      },
    });
    const sent: SentCommand[] = [];
    const send = async (_definition: unknown, command: SentCommand) => {
      sent.push(command);
      return {};
    };
    const consumer = handler[CONSUMER]({ send } as unknown as ProjectionContext);
    expect(consumer.from).toBe('now');
    await consumer.handle(events, noTx);
    expect(seen).toEqual([
      'purse opened echo/1/0 echo/1/7',
      'transfer booked echo/2/0 echo/2/7',
      'purse put echo/3/0 echo/3/7',
    ]);
    const first = sent.splice(0);
    expect(
      first.map(({ id, idempotencyKey, causationId }) => [id, idempotencyKey, causationId]),
    ).toEqual([
      ['b', 'echo/2/0', 'payment/t@2'],
      ['a', 'echo/2/1', 'payment/t@2'],
    ]);
    await consumer.handle(events, noTx);
    expect(sent).toEqual(first);
  });
});

describe('a publication', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-ndjson-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('hands on CloudEvents in order, and asks for its publisher once', async () => {
    const publisher = new MemoryPublisher();
    let made = 0;
    const consumer = definePublication({
      ...{ name: 'feed', version: 1, on: [purse, transfer] },
      to: () => {
        made++;
        return publisher;
      },
    })[CONSUMER]();
    expect(made).toBe(0);
    await consumer.handle(events.slice(0, 2), noTx);
    await consumer.handle(events.slice(2), noTx);
    expect(made).toBe(1);
    expect(publisher.events.map(({ id, type, source }) => [id, type, source])).toEqual([
      ['purse/a@1', 'purse.opened', '/purse'],
      ['payment/t@2', 'transfer.booked', '/payment'],
      ['purse/a@3', 'purse.put', '/purse'],
    ]);
    expect(publisher.events[0]).toMatchObject({
      specversion: '1.0',
      subject: 'a',
      data: { owner: 'mia' },
    });
  });

  const consumerOf = (path: string) => {
    const publisher = ndjsonFile(path);
    const publication = definePublication({
      name: 'file',
      version: 1,
      on: [purse],
      to: () => publisher,
    });
    return {
      publisher,
      publish: (batch: readonly FeedEvent[]) => publication[CONSUMER]().handle(batch, noTx),
    };
  };
  const idsIn = async (path: string): Promise<string[]> => {
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    return lines.map((line) => (JSON.parse(line) as { id: string }).id);
  };

  it('appends a line of JSON for each event to a file', async () => {
    const path = join(folder, 'events.ndjson');
    const one = consumerOf(path);
    await one.publish(events.slice(0, 1));
    await one.publish(events.slice(2));
    await one.publisher.close?.();
    expect(await idsIn(path)).toEqual(['purse/a@1', 'purse/a@3']);
  });

  it.each([
    ['a short line', 10],
    ['a line longer than what is read at once', 200_000],
  ])('removes %s that was cut off, and goes on after the last whole one', async (_, length) => {
    const path = join(folder, `cut ${length}.ndjson`);
    const before = consumerOf(path);
    await before.publish(events.slice(0, 1));
    await before.publisher.close?.();
    const whole = await readFile(path, 'utf8');
    await writeFile(path, `${whole}{"specversion":"${'x'.repeat(length)}`);
    const after = consumerOf(path);
    await after.publish(events.slice(2));
    await after.publisher.close?.();
    expect(await idsIn(path)).toEqual(['purse/a@1', 'purse/a@3']);
    await truncate(path, 5);
    const anew = consumerOf(path);
    await anew.publish(events.slice(0, 1));
    await anew.publisher.close?.();
    expect(await idsIn(path)).toEqual(['purse/a@1']);
  });

  it('fails the batch, which comes again, while the file cannot be opened', async () => {
    const path = join(folder, 'missing', 'events.ndjson');
    const one = consumerOf(path);
    await expect(one.publish(events.slice(0, 1))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(one.publish(events.slice(0, 1))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
