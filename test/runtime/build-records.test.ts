import { expect, it } from 'vitest';
import { BuildRecords } from '../../src/threads/build-records.js';

const cause = new Error('worker exited');
const consumer = { name: 'balances', version: 2 };

/** What is put down after ends at these positions, each alone or not. */
function after(...ends: readonly (readonly [from: number, isAlone: boolean])[]) {
  const records = new BuildRecords();
  const said = ends.map(([from, isAlone]) =>
    records.ended({ index: 3, kind: 'build', from, upTo: from, consumer, isAlone, cause }),
  );
  return { said: said.at(-1), record: records.all[3] };
}

it('a build that has ended the processor once is a suspect', () => {
  const { said, record } = after([7, true]);
  expect(said).toBe(
    'The processor ended while balances was built, at position 7 or soon after: worker exited',
  );
  expect(record).toEqual({ at: 7, refusal: undefined });
});

it('one that does so again in the same place, alone, is given up', () => {
  const { said, record } = after([7, false], [7, true]);
  expect(said).toMatch(/^balances cannot be built: .* Mend the code of version 2/);
  expect(record?.refusal).toMatchObject({ code: 'ProcessorEnded', message: said });
});

it('one that was not alone, or has come further, is not', () => {
  expect(after([7, true], [7, false]).record).toEqual({ at: 7, refusal: undefined });
  expect(after([7, true], [8, true]).record).toEqual({ at: 8, refusal: undefined });
});
