import { create, defineAggregate, upsert } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { account, check, deposit, grant, open, withdraw } from '../support/account.js';
import { useShards } from '../support/use-shards.js';

const user = defineAggregate({
  name: 'user',
  commands: {
    register: create(z.object({ email: z.string() }), {
      idFor: ({ email }) => `user-${email.toLowerCase()}`,
    }),
    seen: upsert(
      z.object({ nick: z.string().transform((nick) => ({ nick, length: nick.length })) }),
    ),
  },
  events: { registered: z.object({ email: z.string() }), seen: z.object({ length: z.number() }) },
  initialState: { email: '', seen: 0 },
  decide: {
    register: (_state, data, { event }) => [event.registered(data)],
    seen: (_state, { nick }, { event }) => [event.seen({ length: nick.length })],
  },
  evolve: {
    registered: (state, { email }) => ({ ...state, email }),
    seen: (state, { length }) => ({ ...state, seen: length }),
  },
});

const shards = useShards({ account, user });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('the client of an aggregate', () => {
  it('gives receipts that say what was stored where', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const receipt = await accounts.send(id, open, { commandId: `c-${id}`, state: true });
    expect(receipt).toEqual({
      ...{ aggregate: 'account', id, commandId: `c-${id}`, version: 1, deduplicated: false },
      ...{ position: expect.any(Number), state: { owner: 'Ada', balance: 0 } },
      events: [{ type: 'opened', data: { owner: 'Ada' }, version: 1, position: receipt.position }],
    });
    const plain = await accounts.send(id, deposit(1));
    expect(plain.state).toBeUndefined();
    expect(plain.position).toBeGreaterThan(receipt.position);
  });

  it('reads the state with its version and position, and undefined where there is none', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    expect(await accounts.state(id)).toBeUndefined();
    const { position } = await accounts.send(id, grant(5));
    expect(await accounts.state(id)).toEqual({
      state: { owner: '', balance: 5 },
      version: 1,
      position,
    });
  });

  it('reads the events of a stream, page by page, in whatever range', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    expect(await collect(accounts.events(id))).toEqual([]);
    const sent = Array.from({ length: 600 }, (_, i) => accounts.send(id, grant(i + 1)));
    const receipts = await Promise.all(sent);
    const all = await collect(accounts.events(id));
    expect(all.map((event) => event.position)).toEqual(receipts.map((receipt) => receipt.position));
    expect(all.map((event) => event.version)).toEqual(all.map((_, i) => i + 1));
    const some = await collect(accounts.events(id, { after: 498, upTo: 502 }));
    expect(some.map((event) => event.version)).toEqual([499, 500, 501, 502]);
  });

  it('reads events with all that is stored beside them', async () => {
    const accounts = (await shards.start()).client(account);
    const id = `${shards.id()} é/@`;
    const occurredAt = new Date('2011-10-01T00:38:44.546Z');
    const options = { occurredAt, metadata: { principal: 'ada' }, commandId: 'c', state: true };
    const { position } = await accounts.send(id, open, options);
    const [event] = await collect(accounts.events(id));
    expect(event).toEqual({
      ...{
        eventId: `account/${encodeURIComponent(id)}@1`,
        aggregate: 'account',
        id,
        version: 1,
        position,
      },
      ...{ type: 'opened', data: { owner: 'Ada' }, commandId: 'c', occurredAt },
      ...{ metadata: { correlationId: 'c', principal: 'ada' }, recordedAt: expect.any(Date) },
    });
    expect(Math.abs((event?.recordedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('creates under the id given, else one from the data, else one of its own', async () => {
    const one = await shards.start();
    const id = shards.id();
    expect(await one.client(account).create(open, { id })).toMatchObject({ id });
    expect((await one.client(account).create(open)).id).toMatch(/^[0-9a-f-]{36}$/);
    const register = { type: 'register', data: { email: 'ADA@x.org' } } as const;
    expect(await one.client(user).create(register)).toMatchObject({ id: 'user-ada@x.org' });
    await expect(one.client(user).create(register)).rejects.toMatchObject({
      shortCode: 'AlreadyExists',
    });
    expect(await one.client(user).create(register, { id })).toMatchObject({ id });
  });

  it('refuses a command whose id cannot be derived', async () => {
    const users = (await shards.start()).client(user);
    const wrong = { type: 'register', data: {} } as never;
    await expect(users.create(wrong)).rejects.toMatchObject({
      code: 'InvalidCommand',
      message: expect.stringContaining('user.register: idFor threw: TypeError'),
    });
  });

  it('refuses the reserved name of the query as a command', async () => {
    const one = await shards.start();
    const reserved = { type: '$state', data: null } as never;
    for (const call of ['send', 'trySend'] as const)
      await expect(one.client(user)[call](shards.id(), reserved)).rejects.toMatchObject({
        ...{ outcome: 'refused', code: 'UnknownCommand', message: 'user has no command $state' },
      });
  });

  it('gives the decider what the schema made of the data', async () => {
    const users = (await shards.start()).client(user);
    const id = shards.id();
    const { state } = await users.send(
      id,
      { type: 'seen', data: { nick: 'lovelace' } },
      { state: true },
    );
    expect(state).toMatchObject({ seen: 8 });
  });

  it('throws from send what trySend gives as a value, and only rejections are values', async () => {
    const accounts = (await shards.start()).client(account);
    const id = shards.id();
    const error = await accounts.send(id, deposit(1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ACCOUNT_NOT_FOUND', outcome: 'rejected' });
    expect(account.isRejection(error)).toBe(true);
    expect(user.isRejection(error)).toBe(false);
    expect(await accounts.trySend(id, deposit(1))).toMatchObject({
      ok: false,
      shortCode: 'NotFound',
    });
    const refused = accounts.trySend(id, grant(1), { expectedVersion: 5 });
    await expect(refused).rejects.toMatchObject({ code: 'VersionConflict' });
    const failed = accounts.trySend(id, { type: 'nonsense' } as never);
    await expect(failed).rejects.toMatchObject({
      code: 'UnknownCommand',
      message: expect.stringContaining('account has no command nonsense'),
    });
    expect(await accounts.trySend(id, grant(1))).toMatchObject({
      ok: true,
      receipt: { version: 1 },
    });
  });

  it.each([
    [
      'data that does not fit',
      { type: 'grant', data: { cents: -5 } },
      'Invalid command account.grant: cents: ',
    ],
    ['missing data', { type: 'grant' }, 'Invalid command account.grant: '],
    [
      'data that is not JSON',
      { type: 'grant', data: { cents: 1n } },
      'data.cents cannot be sent as JSON: bigint',
    ],
  ])('refuses %s, saying where', async (_, command, message) => {
    const one = await shards.start();
    const id = shards.id();
    const refused = one.client(account).send(id, command as never);
    await expect(refused).rejects.toMatchObject({
      ...{ outcome: 'refused', code: 'InvalidCommand', message: expect.stringContaining(message) },
      details: { issues: [{ path: expect.any(String), message: expect.any(String) }] },
    });
    expect(one.actorCount).toBe(0);
  });

  it.each(['toString', '__proto__', 'constructor', ''])(
    'has no command of the inherited name %j',
    async (type) => {
      const accounts = (await shards.start()).client(account);
      const refused = accounts.send(shards.id(), { type, data: {} } as never);
      await expect(refused).rejects.toMatchObject({ code: 'UnknownCommand' });
    },
  );

  it('keeps the answers of many calls apart', async () => {
    const accounts = (await shards.start()).client(account);
    const ids = Array.from({ length: 50 }, () => shards.id());
    await Promise.all(ids.map((id, i) => accounts.send(id, grant(i + 1))));
    const answers = await Promise.all(
      ids.flatMap((id) => [
        accounts.state(id),
        accounts.trySend(id, withdraw(1000)),
        accounts.send(id, check),
      ]),
    );
    ids.forEach((id, i) => {
      const balance = i + 1;
      expect(answers[3 * i]).toMatchObject({ state: { balance } });
      expect(answers[3 * i + 1]).toMatchObject({ ok: false, details: { balance } });
      expect(answers[3 * i + 2]).toMatchObject({ id, version: 1 });
    });
  });
});
