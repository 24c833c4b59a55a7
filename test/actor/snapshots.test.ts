import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { unavailable } from '../support/faults.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';

let evolved = 0;

function counter(stateVersion: number) {
  return defineAggregate({
    name: 'counter',
    commands: { add: upsert(z.number()) },
    events: { added: z.number() },
    initialState: { sum: 0 },
    stateVersion,
    snapshot: { every: 5, atPassivation: 2 },
    decide: { add: (_state, n, { event }) => [event.added(n)] },
    evolve: {
      added(state, n) {
        evolved += 1;
        state.sum += n;
      },
    },
  });
}

const strange = defineAggregate({
  name: 'strange',
  commands: { add: upsert(z.number()) },
  events: { added: z.number() },
  initialState: { seen: [] as unknown },
  snapshot: { every: 2, atPassivation: 1 },
  decide: { add: (_state, n, { event }) => [event.added(n)] },
  evolve: { added: (_state, n) => ({ seen: new Set([n]) }) },
});

const first = counter(1);
const add = (data: number) => ({ type: 'add', data }) as const;
const shards = useShards({ first, strange });

describe('snapshots', () => {
  it('are taken every so many events', async () => {
    const one = await shards.start();
    const id = shards.id();
    for (let i = 1; i <= 12; i++) await one.client(first).send(id, add(i));
    await untilStored(id, { version: 10, state: { sum: 55 } });
  });

  it('are taken at passivation when the tail is long enough, and not when it is short', async () => {
    const one = await shards.start();
    const [long, short] = [shards.id(), shards.id()];
    for (const n of [1, 2]) await one.client(first).send(long, add(n));
    await one.client(first).send(short, add(1));
    passivate(one);
    await untilStored(long, { version: 2, state: { sum: 3 } });
    expect(await stored(short)).toBeUndefined();
  });

  it('are taken when the shard stops', async () => {
    const one = await shards.start();
    const id = shards.id();
    for (const n of [1, 2, 3]) await one.client(first).send(id, add(n));
    await one.stop();
    expect(await stored(id)).toEqual({ version: 3, state: { sum: 6 } });
  });

  it('spare a later activation what they cover, and the tail is folded on top', async () => {
    const one = await shards.start();
    const id = shards.id();
    for (let i = 1; i <= 7; i++) await one.client(first).send(id, add(1));
    await untilStored(id, { version: 5, state: { sum: 5 } });
    const other = await shards.start();
    evolved = 0;
    expect(await other.client(first).state(id)).toMatchObject({ version: 7, state: { sum: 7 } });
    expect(evolved).toBe(2);
  });

  it('H15 of another state version are ignored, and both versions keep their own', async () => {
    const id = shards.id();
    const old = await shards.start();
    for (let i = 1; i <= 5; i++) await old.client(first).send(id, add(1));
    await untilStored(id, { version: 5, state: { sum: 5 } });
    const second = counter(2);
    const one = await shards.start({ domain: { second } });
    evolved = 0;
    expect(await one.client(second).send(id, add(1))).toMatchObject({ version: 6 });
    expect(evolved).toBe(6);
    passivate(one);
    await untilStored(id, { version: 6, state: { sum: 6 } }, 2);
    expect(await stored(id, 1)).toEqual({ version: 5, state: { sum: 5 } });
  });

  it('that cannot be written are told and never felt, and the next one makes up for it', async () => {
    const one = await shards.start();
    one.store.next('saveSnapshots', unavailable);
    const id = shards.id();
    for (let i = 1; i <= 5; i++) await one.client(first).send(id, add(1));
    await eventually(() =>
      expect(one.notices).toMatchObject([
        { kind: 'warning', message: 'snapshots could not be written' },
      ]),
    );
    expect(await stored(id)).toBeUndefined();
    for (let i = 6; i <= 10; i++) await one.client(first).send(id, add(1));
    await untilStored(id, { version: 10, state: { sum: 10 } });
  });

  it.each([
    ['at passivation', 1],
    ['after so many events', 9],
  ])('of a state that is not JSON are told once and never felt: %s', async (_, count) => {
    const one = await shards.start();
    const id = shards.id();
    for (let i = 1; i <= count; i++) await one.client(strange).send(id, add(i));
    if (count === 1) passivate(one);
    const message = expect.stringContaining(`strange/${id} cannot be a snapshot: `);
    expect(one.notices).toMatchObject([{ kind: 'warning', message }]);
    expect(await one.client(strange).send(id, add(1))).toMatchObject({ version: count + 1 });
    await expect(one.client(strange).state(id)).rejects.toMatchObject({
      code: 'CommandFailed',
      cause: { message: expect.stringContaining('an instance of Set') },
    });
  });

  async function stored(id: string, stateVersion = 1): Promise<object | undefined> {
    const { rows } = await shards.db.query<{ version: string; state: object }>(
      `SELECT version, state FROM ${shards.schema}.snapshots WHERE id = $1 AND state_version = $2`,
      [id, stateVersion],
    );
    return rows[0] && { version: Number(rows[0].version), state: rows[0].state };
  }

  async function untilStored(id: string, snapshot: object, stateVersion?: number): Promise<void> {
    await eventually(async () => expect(await stored(id, stateVersion)).toEqual(snapshot));
  }
});

function passivate(one: ShardUnderTest): void {
  for (let i = 0; i < 2; i++) {
    one.clock.advance(3_600_000);
    one.tick();
  }
  expect(one.actorCount).toBe(0);
}
