import { defineAggregate, event, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { firstParcel } from '../support/first-parcel.js';
import { look, move, parcel, weigh } from '../support/parcel.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards({ parcel });
const noon = Date.UTC(2024, 1, 29, 12);
const NOON = new Date(noon).toISOString();

/** An event as an older release stored it. */
function old(id: string, version: number, type: string, given: { v?: number; data: unknown }) {
  const { v: schemaVersion = 1, data } = given;
  const row = { aggregate: 'parcel', type, schemaVersion, data: JSON.stringify(data) };
  return shards.insert(id, version, { ...row, occurredAt: noon });
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe('events that older releases stored', () => {
  it('are lifted step by step, whatever version and name they have', async () => {
    const parcels = (await shards.start()).client(parcel);
    const id = shards.id();
    await old(id, 1, 'measured', { data: { pounds: 1 } });
    expect(await parcels.state(id)).toMatchObject({
      version: 1,
      state: { grams: '450', at: NOON },
    });
    await old(id, 2, 'weighed', { v: 2, data: { grams: 7 } });
    expect(await parcels.state(id)).toMatchObject({ version: 2, state: { grams: '7' } });
    await old(id, 3, 'scaled', { v: 3, data: { grams: '8', at: '2025-01-01T00:00:00.000Z' } });
    expect(await parcels.state(id)).toMatchObject({
      version: 3,
      state: { grams: '8', at: '2025-01-01T00:00:00.000Z', versions: [1, 2, 3] },
    });
    expect(await all(parcels.events(id))).toMatchObject([
      { version: 1, type: 'weighed', data: { grams: 450n, at: new Date(noon) } },
      { version: 2, type: 'weighed', data: { grams: 7n, at: new Date(noon) } },
      { version: 3, type: 'weighed', data: { grams: 8n, at: new Date('2025-01-01') } },
    ]);
  });

  it('that are dropped count in the version, also the last of a stream', async () => {
    const parcels = (await shards.start()).client(parcel);
    const id = shards.id();
    await old(id, 1, 'measured', { data: { pounds: 1 } });
    await old(id, 2, 'scanned', { v: 9, data: {} });
    expect(await parcels.state(id)).toMatchObject({ version: 2, state: { versions: [1] } });
    const receipt = await parcels.send(id, weigh(5), { expectedVersion: 2 });
    expect(receipt).toMatchObject({ version: 3, events: [{ version: 3 }] });
    expect(await parcels.state(id)).toMatchObject({ version: 3, state: { versions: [1, 3] } });
    expect((await all(parcels.events(id))).map((it) => it.version)).toEqual([1, 3]);
    expect(await (await shards.start()).client(parcel).state(id)).toMatchObject({ version: 3 });
  });

  it('that are all dropped make a stream that exists, in its initial state', async () => {
    const parcels = (await shards.start()).client(parcel);
    const id = shards.id();
    await old(id, 1, 'scanned', { data: {} });
    expect(await parcels.state(id)).toMatchObject({ version: 1, state: { grams: '0' } });
    expect(await parcels.send(id, look)).toMatchObject({ version: 1, events: [] });
    expect(await all(parcels.events(id))).toEqual([]);
  });

  it('that are split share version and position, and have ids of their own', async () => {
    const parcels = (await shards.start()).client(parcel);
    const id = shards.id();
    await old(id, 1, 'weighedAndMoved', { data: { pounds: 2, to: 'Utrecht' } });
    await old(id, 2, 'moved', { data: { route: ['Delft', 'Gouda', 'Leiden'] } });
    await parcels.send(id, move('Breda'));
    expect(await parcels.state(id)).toMatchObject({
      version: 3,
      state: { grams: '900', places: ['Utrecht', 'Delft', 'Gouda', 'Leiden', 'Breda'] },
    });
    expect((await parcels.state(id))?.state.versions).toEqual([1, 1, 2, 2, 2, 3]);
    const events = await all(parcels.events(id));
    expect(events.map((it) => [it.eventId, it.type, it.version, it.part])).toEqual([
      [`parcel/${id}@1`, 'weighed', 1, 0],
      [`parcel/${id}@1.1`, 'moved', 1, 1],
      [`parcel/${id}@2`, 'moved', 2, 0],
      [`parcel/${id}@2.1`, 'moved', 2, 1],
      [`parcel/${id}@2.2`, 'moved', 2, 2],
      [`parcel/${id}@3`, 'moved', 3, undefined],
    ]);
    expect(events[0]?.position).toBe(events[1]?.position);
  });

  it('are read to the end, though a page shrinks or grows', async () => {
    const parcels = (await shards.start()).client(parcel);
    const id = shards.id();
    await shards.db.query(
      `INSERT INTO ${shards.schema}.events
         (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       SELECT 0, 'parcel', $1, n, CASE WHEN n % 2 = 0 THEN 'scanned' ELSE 'moved' END,
         '{"route":["a","b","c"]}', '{}', 'c' || n, now() FROM generate_series(1, 1201) n`,
      [id],
    );
    const versions = (await all(parcels.events(id))).map((it) => it.version);
    expect(versions).toHaveLength(601 * 3);
    expect([versions.at(0), versions.at(-1)]).toEqual([1, 1201]);
  });
});

describe('an event with a domain shape of its own', () => {
  it('is stored encoded, with its version, and decoded for evolve, receipts and readers', async () => {
    const one = await shards.start();
    const parcels = one.client(parcel);
    const id = shards.id();
    const receipt = await parcels.send(id, weigh(12), { state: true });
    const data = { grams: 12n, at: new Date(noon) };
    expect(receipt.events).toMatchObject([{ type: 'weighed', data, version: 1 }]);
    expect((await all(parcels.events(id)))[0]?.data).toEqual(data);
    expect(await shards.log(id, 'parcel')).toMatchObject([{ data: { grams: '12', at: NOON } }]);
    const { rows } = await shards.db.query(
      `SELECT schema_version AS v FROM ${shards.schema}.events WHERE id = $1`,
      [id],
    );
    expect(rows).toEqual([{ v: 3 }]);
    expect(await (await shards.start()).client(parcel).state(id)).toEqual(await parcels.state(id));
  });

  it('H13 gives evolve live what a replay gets, though encoding loses something', async () => {
    const rounded = defineAggregate({
      name: 'rounded',
      commands: { put: upsert(z.object({ at: z.string() })) },
      events: {
        put: event({
          schema: z.object({ at: z.date() }),
          encode: ({ at }) => ({ day: at.toISOString().slice(0, 10) }),
          decode: ({ day }) => ({ at: new Date(day) }),
        }),
      },
      initialState: { at: '' },
      decide: { put: (_state, { at }, { event }) => [event.put({ at: new Date(at) })] },
      evolve: { put: (_state, { at }) => ({ at: at.toISOString() }) },
    });
    const id = shards.id();
    const domain = { rounded };
    const live = (await shards.start({ domain })).client(rounded);
    const receipt = await live.send(id, { type: 'put', data: { at: NOON } }, { state: true });
    expect(receipt.state).toEqual({ at: '2024-02-29T00:00:00.000Z' });
    expect(receipt.events[0]?.data).toEqual({ at: new Date('2024-02-29') });
    expect((await live.state(id))?.state).toEqual(
      (await (await shards.start({ domain })).client(rounded).state(id))?.state,
    );
  });

  it('fails the command whose event cannot be encoded as JSON, or read back', async () => {
    const odd = (given: object) =>
      defineAggregate({
        name: 'odd',
        commands: { put: upsert(z.object({})) },
        events: {
          put: event({ schema: z.any(), encode: () => null, decode: () => null, ...given }),
        },
        initialState: {},
        decide: { put: (_state, _data, { event }) => [event.put({})] },
        evolve: { put: (state) => state },
      });
    const failures = {
      'at cannot be stored as JSON: an instance of Date': { encode: () => ({ at: new Date() }) },
      'no way back': {
        decode: () => {
          throw new Error('no way back');
        },
      },
    };
    for (const [reason, given] of Object.entries(failures)) {
      const definition = odd(given);
      const client = (await shards.start({ domain: { definition } })).client(definition);
      await expect(client.send('x', { type: 'put', data: {} })).rejects.toMatchObject({
        code: 'CommandFailed',
        message: expect.stringContaining(reason),
      });
    }
    expect(await shards.log('x', 'odd')).toEqual([]);
  });
});

describe('a repeated key', () => {
  it('gets the first outcome with its events as they read today', async () => {
    const id = shards.id();
    const options = { idempotencyKey: 'k' };
    const before = (await shards.start({ domain: { firstParcel } })).client(firstParcel);
    const command = { type: 'weigh', data: { pounds: 2, grams: 900 } } as const;
    expect((await before.send(id, command, options)).events[0]?.data).toEqual({ pounds: 2 });
    const after = (await shards.start()).client(parcel);
    const weighed = { grams: 900n, at: new Date(noon) };
    const repeated = after.send(id, command, options);
    await expect(repeated).resolves.toMatchObject({
      ...{ deduplicated: true, version: 1 },
      events: [{ type: 'weighed', version: 1, data: weighed }],
    });
  });

  it('is accepted still where a snapshot hides that its event cannot be read, and that is told', async () => {
    const id = shards.id();
    const one = await shards.start();
    const parcels = one.client(parcel);
    await parcels.send(id, weigh(1), { idempotencyKey: 'k' });
    for (let i = 2; i <= 4; i++) await parcels.send(id, weigh(i));
    await eventually(async () => expect(await snapshots(id)).toEqual([[2, 4]]));
    await rewrite(id, 1, 'gone');
    const later = await shards.start();
    const repeated = await later.client(parcel).send(id, weigh(1), { idempotencyKey: 'k' });
    expect(repeated).toMatchObject({ deduplicated: true, version: 1, events: [] });
    expect(later.notices).toMatchObject([
      { kind: 'warning', message: expect.stringContaining('parcel has no event gone') },
    ]);
  });
});

describe('a snapshot', () => {
  it('of another state version is left alone, and the state is rebuilt from lifted events', async () => {
    const id = shards.id();
    const before = (await shards.start({ domain: { firstParcel } })).client(firstParcel);
    for (const pounds of [1, 2]) await before.send(id, { type: 'weigh', data: { pounds } });
    await eventually(async () => expect(await snapshots(id)).toEqual([[1, 2]]));
    const after = (await shards.start()).client(parcel);
    expect(await after.state(id)).toMatchObject({
      version: 2,
      state: { grams: '900', versions: [1, 2] },
    });
    for (const grams of [3, 4]) await after.send(id, weigh(grams));
    await eventually(async () =>
      expect(await snapshots(id)).toEqual([
        [1, 2],
        [2, 4],
      ]),
    );
    const again = (await shards.start()).client(parcel);
    expect(await again.state(id)).toEqual(await after.state(id));
  });
});

describe('a stored event that this code cannot read', () => {
  it.each<[string, string, { v?: number; data: unknown }, string]>([
    [
      'a newer version',
      'weighed',
      { v: 4, data: {} },
      'unknown schema version 4: this code knows 1 to 3',
    ],
    ['a newer version under an old name', 'scaled', { v: 4, data: {} }, 'unknown schema version 4'],
    ['version 0', 'weighed', { v: 0, data: {} }, 'unknown schema version 0'],
    ['an unknown type', 'burnt', { data: {} }, 'parcel has no event burnt'],
    [
      'an upcaster that throws',
      'weighed',
      { v: 2, data: { grams: -1 } },
      'upcast 2 of weighed threw: nothing weighs so little',
    ],
    [
      'a decoder that throws',
      'weighed',
      { v: 3, data: { grams: 'x', at: NOON } },
      'decode of weighed threw: Cannot convert x to a BigInt',
    ],
    ['a splitter that throws', 'moved', { data: {} }, 'undefined'],
  ])('makes its actor answer StreamUnreadable, naming it: %s', async (_, type, given, reason) => {
    const one = await shards.start();
    const parcels = one.client(parcel);
    const id = shards.id();
    await old(id, 1, 'moved', { v: 2, data: { to: 'Delft' } });
    await old(id, 2, type, given);
    const error = {
      code: 'StreamUnreadable',
      message: expect.stringContaining(`parcel/${id} cannot be read at version 2 (${type}): `),
      details: { aggregate: 'parcel', id, version: 2, type, schemaVersion: given.v ?? 1 },
    };
    await expect(parcels.send(id, look)).rejects.toMatchObject(error);
    await expect(parcels.send(id, look)).rejects.toThrow(reason);
    // Readers get what stands before it.
    const seen: number[] = [];
    const reading = (async () => {
      for await (const event of parcels.events(id)) seen.push(event.version);
    })();
    await expect(reading).rejects.toMatchObject(error);
    expect(seen).toEqual([1]);
    expect(await all(parcels.events(id, { upTo: 1 }))).toHaveLength(1);
    await parcels.send(shards.id(), weigh(1));
  });
});

async function snapshots(id: string): Promise<[number, number][]> {
  const { rows } = await shards.db.query<{ s: number; v: string }>(
    `SELECT state_version AS s, version AS v FROM ${shards.schema}.snapshots WHERE id = $1 ORDER BY 1`,
    [id],
  );
  return rows.map(({ s, v }) => [s, Number(v)]);
}

/** Changes the past, as nobody should. */
async function rewrite(id: string, version: number, type: string): Promise<void> {
  const events = `${shards.schema}.events`;
  await shards.db.query(`ALTER TABLE ${events} DISABLE TRIGGER refuse_change`);
  await shards.db.query(`UPDATE ${events} SET type = $3 WHERE id = $1 AND version = $2`, [
    ...[id, version, type],
  ]);
  await shards.db.query(`ALTER TABLE ${events} ENABLE ALWAYS TRIGGER refuse_change`);
}
