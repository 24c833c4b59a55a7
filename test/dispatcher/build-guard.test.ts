import { expect, it } from 'vitest';
import { BuildGuard, OperationGuard } from '../../src/dispatcher/build-guard.js';
import { Turnstile } from '../../src/dispatcher/turnstile.js';
import { deferred } from '../../src/internal/deferred.js';

/** Memory as the host would read it. */
function slot() {
  const held: number[] = [];
  return {
    held,
    enter: (from: number, upTo: number) => void held.splice(0, 2, from, upTo),
    leave: () => void held.splice(0),
  };
}

it('a build runs beside others until it is suspected, and then alone up to the place of the suspicion', async () => {
  const [turnstile, blame] = [new Turnstile(), slot()];
  const record = { at: 101, refusal: undefined };
  const other = deferred<void>();
  const beside = turnstile.pass(false, () => other.promise);
  await new BuildGuard({ turnstile, blame, record: undefined }).run(0, async () => {
    expect(blame.held).toEqual([1, 1]);
  });
  expect(blame.held).toEqual([]);
  const guard = new BuildGuard({ turnstile, blame, record });
  await guard.run(101, async () => undefined);
  let isBegun = false;
  const alone = guard.run(100, async () => {
    isBegun = true;
  });
  await Promise.resolve();
  expect(isBegun).toBe(false);
  other.resolve();
  await Promise.all([beside, alone]);
  expect(isBegun).toBe(true);
});

it('an operation stays noted as long as one of them is under way, and waits for nobody', async () => {
  const blame = slot();
  const guard = new OperationGuard(blame);
  const long = deferred<void>();
  const first = guard.run(0, () => long.promise);
  await expect(
    guard.run(5, async () => {
      throw new Error('not today');
    }),
  ).rejects.toThrow('not today');
  expect(blame.held).toEqual([6, 6]);
  long.resolve();
  await first;
  expect(blame.held).toEqual([]);
});
