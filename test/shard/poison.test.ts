import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useShards } from '../support/use-shards.js';

/** An event type that a text column of Postgres cannot hold: nothing before the database objects to it. */
const POISON = 'poison\0';

const victim = defineAggregate({
  name: 'victim',
  commands: { eat: upsert(z.string()) },
  events: { eaten: z.string(), [POISON]: z.string() },
  initialState: { eaten: [] as string[] },
  decide: {
    eat: (_state, what, { event }) =>
      what === 'poison' ? [event.eaten('bait'), event[POISON]!(what)] : [event.eaten(what)],
  },
  evolve: {
    eaten(state: { eaten: string[] }, what: string) {
      state.eaten.push(what);
    },
    [POISON]: () => undefined,
  },
});

const eat = (data: string) => ({ type: 'eat', data }) as const;
const shards = useShards({ victim });

describe('data that the database refuses', () => {
  it('fails its own command; whatever shared the batch with it is stored', async () => {
    const one = await shards.start();
    const victims = one.client(victim);
    const ids = Array.from({ length: 9 }, () => shards.id());
    const results = await Promise.allSettled(
      ids.map((id, i) => victims.send(id, eat(i === 4 ? 'poison' : 'bread'))),
    );
    expect(results.map((it) => it.status === 'fulfilled')).toEqual(ids.map((_, i) => i !== 4));
    expect(results[4]).toMatchObject({
      reason: {
        ...{ outcome: 'failed', code: 'CommandFailed', details: { id: ids[4], command: 'eat' } },
        message: expect.stringContaining(
          `The database refuses what victim.eat on ${ids[4]} decided`,
        ),
      },
    });
    expect(await shards.log(ids[4] ?? '', 'victim')).toEqual([]);
  });

  it('fails neither the commands of its own id before it, nor those behind it', async () => {
    const one = await shards.start();
    const victims = one.client(victim);
    const id = shards.id();
    const meals = ['a', 'b', 'poison', 'c', 'poison', 'd', 'e'];
    const results = await Promise.allSettled(meals.map((meal) => victims.send(id, eat(meal))));
    expect(
      results.map((it) => (it.status === 'fulfilled' ? it.value.version : it.reason.code)),
    ).toEqual([...[1, 2, 'CommandFailed', 3, 'CommandFailed', 4, 5]]);
    expect(await victims.state(id)).toMatchObject({ state: { eaten: ['a', 'b', 'c', 'd', 'e'] } });
  });

  it('leaves no outcome behind, so that its key is free', async () => {
    const one = await shards.start();
    const victims = one.client(victim);
    const id = shards.id();
    const keyed = () => victims.send(id, eat('poison'), { idempotencyKey: 'key' });
    await expect(keyed()).rejects.toMatchObject({ code: 'CommandFailed' });
    await expect(keyed()).rejects.toMatchObject({ code: 'CommandFailed' });
    const receipt = await victims.send(id, eat('bread'), { idempotencyKey: 'key' });
    expect(receipt).toMatchObject({ version: 1, deduplicated: false });
  });

  it('is never asked for a time that it cannot hold: the command is refused', async () => {
    const one = await shards.start();
    const victims = one.client(victim);
    const [early, late] = [-8.64e15, 8.64e15];
    const results = await Promise.allSettled(
      [0, early, 0, late].map((occurredAt) =>
        victims.send(shards.id(), eat('bread'), { occurredAt }),
      ),
    );
    expect(results.map((it) => it.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: { code: 'InvalidCommand' } });
  });
});
