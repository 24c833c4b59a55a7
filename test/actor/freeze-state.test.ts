import { defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { useShards } from '../support/use-shards.js';

const careless = defineAggregate({
  name: 'careless',
  commands: {
    add: upsert(z.number()),
    spoil: upsert(z.object({})),
    spoilLater: upsert(z.object({})),
  },
  events: { added: z.number() },
  initialState: { deep: { numbers: [] as number[] } },
  decide: {
    add: (_state, n, { event }) => [event.added(n)],
    spoil(state) {
      state.deep.numbers.push(99);
      return [];
    },
    spoilLater: {
      durable: async (state) => {
        await Promise.resolve();
        state.deep.numbers.push(99);
        return [];
      },
    },
  },
  evolve: {
    added(state, n) {
      state.deep.numbers.push(n);
    },
  },
});

const add = (data: number) => ({ type: 'add', data }) as const;
const shards = useShards({ careless });

describe('freezeState', () => {
  it.each(['spoil', 'spoilLater'] as const)(
    'fails a decider that changes the state: %s',
    async (type) => {
      const one = await shards.start({ options: { freezeState: true } });
      const client = one.client(careless);
      const id = shards.id();
      await client.send(id, add(1));
      await expect(client.send(id, { type, data: {} })).rejects.toMatchObject({
        code: 'CommandFailed',
        cause: { name: 'TypeError', message: expect.stringContaining('not extensible') },
      });
      const { state } = await client.send(id, add(2), { state: true });
      expect(state).toEqual({ deep: { numbers: [1, 2] } });
    },
  );

  it('lets evolve change the state in place', async () => {
    const one = await shards.start({ options: { freezeState: true } });
    const client = one.client(careless);
    const id = shards.id();
    const receipts = await Promise.all(
      [1, 2, 3].map((n) => client.send(id, add(n), { state: true })),
    );
    expect(receipts.at(-1)?.state).toEqual({ deep: { numbers: [1, 2, 3] } });
  });
});
