import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/user-right/domain.js';
import { collect } from '../../support/collect.js';
import { startOn, startTwo } from './start.js';

const { rightId, userRight } = domain;
const grant = (user: string, right: string) => ({ type: 'grant', data: { user, right } }) as const;
const revoke = { type: 'revoke', data: {} } as const;

describe('the user right of cqrs-rust-lib, on Postgres', () => {
  it('AggregateIdGenerator: the id comes from the create command, the same in every process', async () => {
    const both = await startTwo(domain);
    const receipts = [];
    for (const runtime of both)
      receipts.push(await runtime.aggregate(userRight).create(grant('ann', 'read')));
    expect(receipts.map(({ id }) => id)).toEqual(['ann:read', 'ann:read']);
  });

  it('association as aggregate: an association that is there is not made twice, and changes nothing', async () => {
    const rights = (await startOn(domain)).aggregate(userRight);
    await rights.create(grant('ann', 'read'));
    const again = await rights.create(grant('ann', 'read'));
    expect(again).toMatchObject({ version: 1, events: [] });
    expect(await collect(rights.events('ann:read'))).toHaveLength(1);
  });

  it('association as aggregate: it is made once, however many make it at the same time', async () => {
    const both = await startTwo(domain);
    const receipts = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        both[i % 2]!.aggregate(userRight).create(grant('ann', 'read')),
      ),
    );
    expect(receipts.flatMap(({ events }) => events)).toHaveLength(1);
    expect(new Set(receipts.map(({ version }) => version))).toEqual(new Set([1]));
  });

  it('association as aggregate: no two pairs have one id', async () => {
    const rights = (await startOn(domain)).aggregate(userRight);
    for (const [user, right] of [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a%3Ab', 'c'],
    ] as const)
      expect(await rights.create(grant(user, right))).toMatchObject({ version: 1 });
  });

  it('update: a right that was granted can be revoked, and granted again; one that never was is not found', async () => {
    const rights = (await startOn(domain)).aggregate(userRight);
    const id = rightId({ user: 'ann', right: 'read' });
    await expect(rights.send(id, revoke)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
    await rights.create(grant('ann', 'read'));
    await rights.send(id, revoke);
    const { version, state } = await rights.create(grant('ann', 'read'), { state: true });
    expect([version, state]).toEqual([3, { isGranted: true }]);
  });
});
