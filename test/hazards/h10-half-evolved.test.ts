import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hold } from '../support/faults.js';
import { turns, watch } from '../support/settling.js';
import { useShards } from '../support/use-shards.js';

/** Its state is changed in place, and the second event of `bite` cannot be evolved. */
const apple = defineAggregate({
  name: 'apple',
  commands: { add: upsert(z.number()), bite: upsert(z.object({})) },
  events: { added: z.number(), worm: z.object({}) },
  initialState: { bites: [] as number[] },
  decide: {
    add: (_state, n, { event }) => [event.added(n)],
    bite: (_state, _data, { event }) => [event.added(-1), event.worm({}), event.added(-2)],
  },
  evolve: {
    added(state, n) {
      state.bites.push(n);
    },
    worm(state) {
      state.bites.push(-666);
      throw new Error('a worm');
    },
  },
});

const add = (data: number) => ({ type: 'add', data }) as const;
const bite = { type: 'bite', data: {} } as const;
const shards = useShards({ apple });

describe('H10 a state that was half evolved when evolve threw', () => {
  it('H10 is thrown away: no later decision, query or snapshot sees the event that nobody stored', async () => {
    const apples = (await shards.start()).client(apple);
    const id = shards.id();
    await apples.send(id, add(1));
    await expect(apples.send(id, bite)).rejects.toMatchObject({ code: 'CommandFailed' });
    expect(await apples.state(id)).toMatchObject({ version: 1, state: { bites: [1] } });
    const { state } = await apples.send(id, add(2), { state: true });
    expect(state).toEqual({ bites: [1, 2] });
  });

  it('H10 is rebuilt only when none of its own rows is in flight or pending, so never in conflict with itself', async () => {
    const one = await shards.start({ options: { batch: { maxRows: 2, maxBytes: 1024 * 1024 } } });
    const apples = one.client(apple);
    const id = shards.id();
    await apples.send(id, add(0));
    const held = hold<'append'>();
    one.store.next('append', held.fault);
    const before = [1, 2, 3].map((n) => apples.send(id, add(n))); // two in flight, one pending
    const failing = watch(apples.send(id, bite));
    const behind = apples.send(id, add(4), { state: true });
    await held.reached;
    await turns();
    expect(one.store.calls('load')).toBe(1);
    expect(failing.settled).toBe(false);
    held.release();
    await Promise.all(before);
    await expect(failing.promise).rejects.toMatchObject({ code: 'CommandFailed' });
    expect((await behind).state).toEqual({ bites: [0, 1, 2, 3, 4] });
    expect(one.store.calls('heads')).toBe(0); // nobody had to look for the guilty of a conflict
    expect(one.store.calls('load')).toBe(2);
  });
});
