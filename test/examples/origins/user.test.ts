import { given, stored, testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/user/domain.js';
import { collect } from '../../support/collect.js';
import { freshSchema } from '../../support/postgres.js';
import { startOn, startTwo } from './start.js';

const { user } = domain;
const [ann, one, two] = [1, 2, 3].map((n) => `0198f3a0-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];
const create = { type: 'create', data: { user: ann, account: one } } as const;
const change = { type: 'changeAccount', data: { account: two } } as const;

describe('the user of Chekov', () => {
  it('CommandExecutor: the events of a command, or none of them', async () => {
    await given(user, [])
      .when(create)
      .thenEvents([{ type: 'user.created', data: create.data }]);
  });

  it('Event: another system can have stored it, under a name of its own', () => {
    given(user, [stored('Elixir.Shop.Events.UserCreated', create.data)]).thenState({
      account: one,
    });
  });

  it('ApplyError: an event that nobody applies is told, never skipped', async () => {
    await expect(given(user, [stored('user.deleted', {})]).when(change)).rejects.toThrow(
      /user has no event user\.deleted/,
    );
  });

  it('AggregateInstanceRegistry: two first commands at once start one actor', async () => {
    await using troupe = await testRuntime({ domain });
    const results = await Promise.all(
      [1, 2, 3].map(() => troupe.aggregate(user).trySend(ann, create)),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(await troupe.runtime.metrics()).toMatchObject({ total: { activations: 1 } });
  });
});

describe('the user of Chekov, on Postgres', () => {
  it('command(identifier): the command says which instance it is for', async () => {
    const { id } = await (await startOn(domain)).aggregate(user).create(create);
    expect(id).toBe(ann);
  });

  it('event_type: is stored under the name that was chosen', async () => {
    const users = (await startOn(domain)).aggregate(user);
    await users.create(create);
    await users.send(ann, change);
    const types = (await collect(users.events(ann))).map(({ type }) => type);
    expect(types).toEqual(['user.created', 'user.account-changed']);
  });

  it('a cold aggregate is rehydrated from its whole stream', async () => {
    const schema = freshSchema();
    const before = await startOn(domain, schema);
    await before.aggregate(user).create(create);
    for (let i = 0; i < 150; i++) await before.aggregate(user).send(ann, change);
    await before.stop();
    const users = (await startOn(domain, schema)).aggregate(user);
    expect(await users.state(ann)).toMatchObject({ version: 151, state: { account: two } });
  });

  it('what others append to its stream reaches a cached aggregate', async () => {
    const [a, b] = await startTwo(domain);
    await a.aggregate(user).create(create);
    expect(await b.aggregate(user).state(ann)).toMatchObject({ version: 1 });
    await a.aggregate(user).send(ann, change);
    expect(await b.aggregate(user).state(ann)).toMatchObject({ state: { account: two } });
  });
});
