import { defineAggregate } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readDomain, startServices } from '../../src/aggregate/domain.js';

function aggregate(name: string, services?: () => unknown) {
  return defineAggregate({
    ...{ name, initialState: {}, commands: {}, events: { happened: z.object({}) } },
    ...{ decide: {}, evolve: { happened() {} } },
    ...(services && { services }),
  });
}

describe('reading a domain module', () => {
  it('registers each definition once, however it is exported, and ignores all else', () => {
    const account = aggregate('account');
    const purse = aggregate('purse');
    const module = { account, default: account, purse, helper: () => 1, number: 7, nothing: null };
    const { aggregates } = readDomain(module, 'the test');
    expect([...aggregates.keys()].sort()).toEqual(['account', 'purse']);
  });

  it('takes the reserved exports clock, ids and credentials', async () => {
    const module = {
      account: aggregate('account'),
      clock: { now: () => 7 },
      ids: { newId: () => 'id' },
      credentials: () => 'secret',
    };
    const domain = readDomain(module, 'the test');
    expect(domain.clock?.now()).toBe(7);
    expect(domain.ids?.newId()).toBe('id');
    expect(domain.credentials?.()).toBe('secret');
  });

  it.each<[string, object, object]>([
    [
      'nothing',
      { helper: () => 1 },
      { code: 'EmptyDomain', message: expect.stringContaining('the test exports no definitions') },
    ],
    [
      'two aggregates of one name',
      { a: aggregate('account'), b: aggregate('account') },
      { code: 'DuplicateDefinition', message: 'the test exports two aggregates named account' },
    ],
    [
      'a clock that is none',
      { a: aggregate('account'), clock: {} },
      { code: 'InvalidDomain', message: expect.stringContaining('must have a function now()') },
    ],
    [
      'ids that are none',
      { a: aggregate('account'), ids: {} },
      { code: 'InvalidDomain', message: expect.stringContaining('must have a function newId()') },
    ],
  ])('refuses a module with %s', (_, module, error) => {
    expect(() => readDomain(module, 'the test')).toThrowError(expect.objectContaining(error));
  });

  it('makes the services of each aggregate that has some, waiting for them', async () => {
    const module = { a: aggregate('a', async () => 'services of a'), b: aggregate('b') };
    const { services } = await startServices(readDomain(module, 'the test'));
    expect([...services]).toEqual([['a', 'services of a']]);
  });
});
