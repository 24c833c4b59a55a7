import pg from 'pg';
import { create, defineAggregate, type Runtime, SetupError, startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { readDomain } from '../../src/aggregate/domain.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';

const define = <const Name extends string>(name: Name, storedAs?: string) =>
  defineAggregate({
    name,
    ...(storedAs !== undefined && { storedAs }),
    commands: {
      add: create(z.object({ n: z.number() })),
      more: z.object({ n: z.number() }),
    },
    events: { added: z.object({ n: z.number() }) },
    initialState: { sum: 0 },
    snapshot: { every: 3, atPassivation: 1 },
    decide: {
      add: (_state, data, { event }) => [event.added(data)],
      more: (_state, data, { event }) => [event.added(data)],
    },
    evolve: { added: ({ sum }, { n }) => ({ sum: sum + n }) },
  });

const client = define('client');
const customer = define('customer', 'client');
const add = (n: number) => ({ type: 'add', data: { n } }) as const;
const more = (n: number) => ({ type: 'more', data: { n } }) as const;

describe('an aggregate that was renamed', () => {
  it('goes on with the streams it had, and tells its new name', async () => {
    const [before, after] = await start([client, customer]);
    const { id } = await before.aggregate(client).create(add(1));
    const receipt = await after.aggregate(customer).send(id, more(2));
    expect(receipt).toMatchObject({ aggregate: 'customer', version: 2 });
    const events = [];
    for await (const event of after.aggregate(customer).events(id)) events.push(event);
    expect(events.map((it) => [it.aggregate, it.eventId])).toEqual([
      ['customer', `client/${id}@1`],
      ['customer', `client/${id}@2`],
    ]);
    const whole = [];
    for await (const event of after.events()) whole.push(event);
    expect(whole).toEqual(events);
  });

  it('has one stream per id while processes know it by either name', async () => {
    const [before, after] = await start([client, customer]);
    await before.aggregate(client).send('hot', add(0));
    const calls = Array.from({ length: 100 }, async (_, i) => {
      await new Promise((resolve) => setImmediate(resolve)); // interleaves the two
      if (i % 2) return before.aggregate(client).send('hot', more(i));
      return after.aggregate(customer).send('hot', more(i));
    });
    const versions = (await Promise.all(calls)).map((receipt) => receipt.version);
    expect(versions.sort((a, b) => a - b)).toEqual(versions.map((_, i) => i + 2));
    const state = { version: 101, state: { sum: 4950 } };
    expect(await before.aggregate(client).state('hot')).toMatchObject(state);
    expect(await after.aggregate(customer).state('hot')).toMatchObject(state);
    await expect(after.aggregate(customer).send('hot', add(1))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
  });

  it('answers a key that was used under its old name, derived id and rejection included', async () => {
    const [before, after] = await start([client, customer]);
    const first = await before.aggregate(client).create(add(1), { idempotencyKey: 'k' });
    const second = await after.aggregate(customer).create(add(1), { idempotencyKey: 'k' });
    expect(second).toMatchObject({ id: first.id, version: 1, deduplicated: true });
    const options = { idempotencyKey: 'rejected' };
    const rejected = before.aggregate(client).send('nobody', more(1), options);
    await expect(rejected).rejects.toMatchObject({ shortCode: 'NotFound' });
    const error = await after
      .aggregate(customer)
      .send('nobody', more(1), options)
      .catch((e) => e);
    expect(error).toMatchObject({ shortCode: 'NotFound' });
    expect(customer.isRejection(error)).toBe(true);
  });

  it('finds its snapshots', async () => {
    const schema = freshSchema();
    const [before, after] = await start([client, customer], schema);
    await before.aggregate(client).send('s', add(1));
    for (let i = 0; i < 3; i++) await before.aggregate(client).send('s', more(1));
    await before.stop();
    // A state that no events give: who answers it has read the snapshot.
    const { rowCount } = await query(`UPDATE ${schema}.snapshots SET state = '{"sum":40}'`);
    expect(rowCount).toBe(1);
    expect(await after.aggregate(customer).state('s')).toMatchObject({ state: { sum: 40 } });
  });

  it('cannot stand in one domain beside another aggregate with its stored name', () => {
    expect(() => readDomain({ client, customer }, 'the test')).toThrowError(SetupError);
    expect(() => readDomain({ client, customer }, 'the test')).toThrow(
      'the test exports two aggregates stored as client: client and customer',
    );
  });
});

/** Two runtimes on one log, with one definition each. */
async function start(
  definitions: readonly object[],
  schema = freshSchema(),
): Promise<[Runtime, Runtime]> {
  const store = { kind: 'postgres', url: databaseUrl(), schema } as const;
  const both = await Promise.all(
    definitions.map((definition) => startRuntime({ domain: { definition }, store, shards: 0 })),
  );
  onTestFinished(async () => void (await Promise.all(both.map((runtime) => runtime.stop()))));
  return both as [Runtime, Runtime];
}

async function query(sql: string): Promise<pg.QueryResult> {
  const db = new pg.Client(databaseUrl());
  await db.connect();
  return db.query(sql).finally(() => db.end());
}
