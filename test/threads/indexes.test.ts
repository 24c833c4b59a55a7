import type { Runtime, RuntimeOptions } from 'troupe';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { infoOf } from './support/seen.js';
import { tally } from './support/tally.js';
import { useDatabase } from './support/use-database.js';
import { add, tallyOf } from './support/workload.js';

const db = useDatabase();
const both = { commands: true, correlations: true };
const start = (options: Partial<RuntimeOptions> = {}) => db.start({ indexes: both, ...options });
const keepUp = { waitFor: ['$commands', '$correlations'] };

describe.each([0, 1])('with shards: %i', (shards) => {
  it('a command is found by its id alone, with its events', async () => {
    const runtime = await start({ shards });
    await tallyOf(runtime).send('a', add('before'));
    const three = { type: 'add', data: { token: 'three', times: 3 } } as const;
    const receipt = await tallyOf(runtime).send('a', three, { ...keepUp, commandId: 'mine' });
    const found = await runtime.command('mine');
    expect(found).toMatchObject({
      kind: 'accepted',
      events: [2, 3, 4].map((version) => ({ aggregate: 'tally', id: 'a', version })),
      index: { name: '$commands', lag: 0, parked: 0, position: receipt.position },
    });
    expect(await runtime.command('yours')).toMatchObject({ kind: 'notFound', index: { lag: 0 } });
  });

  it('a correlation gives its events by position, with their causes, page by page', async () => {
    const runtime = await start({ shards });
    const metadata = (causationId?: string) => ({
      correlationId: 'order-7',
      ...(causationId !== undefined && { causationId }),
    });
    const first = await tallyOf(runtime).send('a', add('one'), { metadata: metadata() });
    await tallyOf(runtime).send('x', add('of another'));
    await tallyOf(runtime).send('b', add('two'), { metadata: metadata('tally/a@1') });
    await tallyOf(runtime).send('c', add('three'), { ...keepUp, metadata: metadata('tally/b@1') });
    const page = await runtime.correlation('order-7', { limit: 2 });
    expect(page.events.map((event) => [event.eventId, event.causationId])).toEqual([
      ['tally/a@1', undefined],
      ['tally/b@1', 'tally/a@1'],
    ]);
    expect(page.events[0]!.position).toBe(first.position);
    expect(page.index).toMatchObject({ name: '$correlations', lag: 0 });
    const rest = await runtime.correlation('order-7', { after: page.next! });
    expect(rest.events.map((event) => event.eventId)).toEqual(['tally/c@1']);
    expect(rest.next).toBeUndefined();
    expect((await runtime.correlation('order-8')).events).toEqual([]);
  });
});

it('an index that is behind says how far it is, and finds what is above once it has got there', async () => {
  const runtime = await start({ shards: 0 });
  const { position } = await tallyOf(runtime).send('a', add('one'), keepUp);
  await pause(runtime, '$commands');
  await tallyOf(runtime).send('a', add('two'), { commandId: 'late' });
  const behind = await runtime.command('late');
  expect(behind).toEqual({
    kind: 'notFound',
    index: { name: '$commands', state: 'paused', position, lag: 1, parked: 0 },
  });
  await runtime.resume('$commands');
  await runtime.waitFor('$commands', position + 1);
  expect((await runtime.command('late')).kind).toBe('accepted');
});

it('a command that left no events is found by its key', async () => {
  const runtime = await start({ shards: 0 });
  const keyed = (commandId: string) => ({ commandId, idempotencyKey: `key of ${commandId}` });
  const take = { type: 'take', data: { token: 't' } } as const;
  await tallyOf(runtime).trySend('a', take, keyed('taken'));
  await tallyOf(runtime).send('a', { type: 'look', data: {} }, keyed('looked'));
  const found = (commandId: string, key = `key of ${commandId}`) =>
    runtime.command(commandId, { aggregate: tally, id: 'a', idempotencyKey: key });
  expect(await found('taken')).toMatchObject({
    kind: 'rejected',
    rejection: { shortCode: 'EMPTY' },
  });
  expect(await found('looked')).toMatchObject({ kind: 'accepted', events: [] });
  expect((await runtime.command('taken')).kind).toBe('notFound');
  expect((await found('looked', 'key of taken')).kind).toBe('notFound');
});

it('what upcasters would drop or cannot read, and reserved streams, are in the index too', async () => {
  const runtime = await start({ shards: 0 });
  await tallyOf(runtime).send('a', add('one'), keepUp);
  // By scripts: a reserved stream, an unknown type, and ids that no index can hold.
  const long = 'x'.repeat(600);
  await copied(`'$saga/order'`, 'type', `'reserved'`, `'{"correlationId":"c"}'`);
  await copied('aggregate', `'from the future'`, `'unread'`, `'{"correlationId":"c"}'`);
  await copied(`'other'`, 'type', `'${long}'`, `'{"correlationId":7}'`);
  await copied(`'another'`, 'type', `'zero'`, String.raw`'{"correlationId":"\u0000"}'`);
  const last = (await db.rows()).at(-1)!.position;
  for (const name of keepUp.waitFor) await runtime.waitFor(name, last);
  expect(await runtime.command('reserved')).toMatchObject({
    kind: 'accepted',
    events: [{ aggregate: '$saga/order', id: 'copy-1' }],
  });
  await expect(runtime.command('unread')).rejects.toMatchObject({ code: 'StreamUnreadable' });
  expect((await runtime.command('zero')).kind).toBe('accepted');
  await expect(runtime.command(long)).rejects.toMatchObject({ code: 'InvalidQuery' });
  expect(await runtime.parked('$correlations')).toEqual([]);
  const { rows } = await db.admin.query(
    `SELECT count(*)::int FROM ${db.schema}.correlation_index WHERE id = 'c'`,
  );
  expect(rows).toEqual([{ count: 2 }]);
});

it('without an index the answer names the option; another process that keeps one is enough', async () => {
  const runtime = await db.start({ shards: 0 });
  await tallyOf(runtime).send('a', add('one'), { commandId: 'mine' });
  await expect(runtime.command('mine')).rejects.toMatchObject({
    code: 'NotIndexed',
    message: expect.stringContaining('indexes: { commands: true }'),
  });
  await expect(runtime.correlation('mine')).rejects.toMatchObject({
    code: 'NotIndexed',
    message: expect.stringContaining('indexes: { correlations: true }'),
  });
  const other = await start({ indexes: { commands: true } });
  await eventually(async () => expect((await runtime.command('mine')).kind).toBe('accepted'));
  await expect(other.correlation('mine')).rejects.toMatchObject({ code: 'NotIndexed' });
  const events = await db.admin.query(`SELECT 1 FROM ${db.schema}.correlation_index`);
  expect(events.rows).toEqual([]);
});

let copies = 0;
/** Another event, as the first one but for these columns, by a script. */
async function copied(
  aggregate: string,
  type: string,
  commandId: string,
  metadata: string,
): Promise<void> {
  await db.admin.query(
    `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
     SELECT slice, ${aggregate}, 'copy-${++copies}', 1, ${type}, schema_version, data, ${metadata}, ${commandId}, occurred_at
     FROM ${db.schema}.events WHERE id = 'a' AND version = 1`,
  );
}

async function pause(runtime: Runtime, name: string): Promise<void> {
  await runtime.pause(name);
  await eventually(async () => expect((await infoOf(runtime, name))!.state).toBe('paused'));
}
