import type { Aggregate, RejectionOf, TrySendResult } from 'troupe';
import { expectTypeOf, test } from 'vitest';
import { purse } from './purse.js';

type Types = NonNullable<(typeof purse)['types']>;

test('each definition is an aggregate, also where its types are not known', () => {
  const nameOf = (definition: Aggregate): string => definition.name;
  nameOf(purse);
  expectTypeOf<typeof purse>().toExtend<Aggregate>();
  const all: readonly Aggregate[] = [purse, purse];
  void all;
});

test('an error of an aggregate that is not known may have any details', () => {
  const detailsOf = (definition: Aggregate, error: unknown): object | undefined => {
    if (!definition.isRejection(error)) return undefined;
    expectTypeOf(error.shortCode).toEqualTypeOf<string>();
    return error.details;
  };
  detailsOf(purse, undefined);
});

test('a declared error keeps its own details', () => {
  type Empty = Extract<RejectionOf<Types>, { shortCode: 'EMPTY' }>;
  type Locked = Extract<RejectionOf<Types>, { shortCode: 'LOCKED' }>;
  expectTypeOf<Empty['details']>().toEqualTypeOf<{ balance: number }>();
  expectTypeOf<Locked['details']>().toEqualTypeOf<Readonly<Record<string, never>>>();
});

test('the failure of trySend tells whether its key was used before', () => {
  type Failure = Extract<TrySendResult<Types>, { ok: false }>;
  expectTypeOf<Failure['deduplicated']>().toEqualTypeOf<boolean>();
});
