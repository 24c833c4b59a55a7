import { defineAggregate, SetupError, startRuntime, upsert } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { databaseUrl, freshSchema } from '../support/postgres.js';

let made = 0;

function quoting(name: string, services: () => { rate(): number } | Promise<{ rate(): number }>) {
  return defineAggregate({
    name,
    commands: { quote: upsert(z.object({})) },
    events: { quoted: z.number() },
    initialState: {},
    services,
    decide: { quote: (_state, _data, { event, services }) => [event.quoted(services.rate())] },
    evolve: { quoted() {} },
  });
}

const counted = quoting('counted', async () => {
  made += 1;
  const mine = made;
  return { rate: () => mine };
});
const other = quoting('other', () => ({ rate: () => -1 }));

describe('services', () => {
  it('are made once per thread and aggregate, and each decider gets its own', async () => {
    made = 0;
    const runtime = await start({ counted, other });
    const quotes = ['a', 'b', 'a'].map((id) =>
      runtime.aggregate(counted).send(id, { type: 'quote', data: {} }),
    );
    const values = (await Promise.all(quotes)).map((receipt) => receipt.events[0]?.data);
    expect(values).toEqual([1, 1, 1]);
    const foreign = await runtime.aggregate(other).send('a', { type: 'quote', data: {} });
    expect(foreign.events[0]?.data).toBe(-1);
    expect(made).toBe(1);
  });

  it('that cannot be made keep the runtime from starting, and name their aggregate', async () => {
    const broken = quoting('broken', () => Promise.reject(new Error('no rates today')));
    const error = await start({ broken }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SetupError);
    expect(error).toMatchObject({
      code: 'ServicesFailed',
      message: 'The services factory of broken threw: no rates today',
    });
  });
});

async function start(domain: object) {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  const runtime = await startRuntime({ domain, store, shards: 0 });
  onTestFinished(() => runtime.stop());
  return runtime;
}
