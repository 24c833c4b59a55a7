import { type DecideContext, defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fails } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

type Seen = Pick<
  DecideContext<Record<string, never>, Record<string, never>, undefined>,
  'id' | 'version' | 'attempt' | 'commandId' | 'metadata'
> & {
  readonly now: string;
  readonly ids: readonly string[];
};
let seen: Seen[] = [];

const witness = defineAggregate({
  name: 'witness',
  commands: { look: upsert(z.object({ list: z.array(z.number()) })) },
  events: { looked: z.object({ list: z.array(z.number()) }) },
  initialState: {},
  decide: {
    look(_state, data, context) {
      const { id, version, attempt, commandId, metadata, now } = context;
      const ids = [context.newId(), context.newId()];
      seen.push({ id, version, attempt, commandId, metadata, now: now.toISOString(), ids });
      data.list.push(0); // its own copy on every attempt
      return [context.event.looked(data)];
    },
  },
  evolve: { looked() {} },
});

const shards = useShards({ witness });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the context of a decision', () => {
  it('tells id, version, command, time and metadata', async () => {
    seen = [];
    const one = await shards.start();
    const id = shards.id();
    const send = (options: object) =>
      one.client(witness).send(id, { type: 'look', data: { list: [] } }, options);
    const { commandId } = await send({});
    await send({
      occurredAt: '2011-10-01T00:38:44.546Z',
      metadata: { principal: 'ada', tenant: 't' },
    });
    expect(seen[0]).toMatchObject({
      id,
      version: 0,
      attempt: 1,
      commandId,
      now: '2024-02-29T12:00:00.000Z',
    });
    expect(seen[0]?.metadata).toEqual({ correlationId: commandId });
    expect(seen[1]).toMatchObject({ version: 1, now: '2011-10-01T00:38:44.546Z' });
    expect(seen[1]?.metadata).toMatchObject({ principal: 'ada', tenant: 't' });
  });

  it('gives the same time, ids and data on every attempt, and counts the attempts', async () => {
    seen = [];
    const one = await shards.start();
    one.store.next('append', fails('conflict'), fails('conflict'));
    const sent = one.client(witness).send(shards.id(), { type: 'look', data: { list: [1] } });
    one.clock.advance(5000);
    const receipt = await sent;
    expect(seen.map((it) => it.attempt)).toEqual([1, 2, 3]);
    for (const it of seen.slice(1)) expect({ ...it, attempt: 1 }).toEqual(seen[0]);
    expect(receipt.events).toMatchObject([{ data: { list: [1, 0] } }]);
  });

  it('gives ids that look like UUIDs and differ between commands', async () => {
    seen = [];
    const client = (await shards.start()).client(witness);
    for (let i = 0; i < 3; i++) await client.send('ids', { type: 'look', data: { list: [] } });
    const ids = seen.flatMap((it) => it.ids);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) expect(id).toMatch(UUID);
  });
});
