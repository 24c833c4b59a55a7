import { describe, expect, it } from 'vitest';
import {
  resolveSnapshotPolicy,
  snapshotIsDue,
  snapshotIsDueAtPassivation,
} from '../../src/aggregate/snapshot-policy.js';

const policy = resolveSnapshotPolicy({ every: 10, atPassivation: 3 });
const never = resolveSnapshotPolicy({ every: 0, atPassivation: 0 });

describe('the snapshot policy', () => {
  it.each([
    [9, 0, false],
    [10, 0, true],
    [11, 0, true],
    [19, 10, false],
    [20, 10, true],
  ])('at version %d, with the last at %d, is a snapshot due: %s', (version, last, due) => {
    expect(snapshotIsDue(policy, version, last)).toBe(due);
    expect(snapshotIsDue(never, version, last)).toBe(false);
  });

  it.each([
    [2, 0, false],
    [3, 0, true],
    [12, 10, false],
    [10, 10, false],
  ])(
    'leaving memory at version %d, with the last at %d, is one worth it: %s',
    (version, last, due) => {
      expect(snapshotIsDueAtPassivation(policy, version, last)).toBe(due);
      expect(snapshotIsDueAtPassivation(never, version, last)).toBe(false);
    },
  );
});
