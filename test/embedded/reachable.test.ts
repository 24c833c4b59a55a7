import { describe, expect, test } from 'vitest';
import { isPrivateTo, mayEnter } from '../../src/embedded/reachable.js';

describe('whether a user may enter a folder', () => {
  const user = { uid: 101, gid: 104 };

  test.each([
    ['his own', { uid: 101, gid: 0, mode: 0o700 }, true],
    ['his own, closed to himself', { uid: 101, gid: 0, mode: 0o077 }, false],
    ["his group's", { uid: 0, gid: 104, mode: 0o710 }, true],
    ["his group's, closed to it", { uid: 0, gid: 104, mode: 0o701 }, false],
    ["another's, open", { uid: 0, gid: 0, mode: 0o711 }, true],
    ["another's, readable only", { uid: 0, gid: 0, mode: 0o744 }, false],
    ["another's, closed", { uid: 0, gid: 0, mode: 0o700 }, false],
  ])('depends on whose it is: %s', (_, folder, expected) => {
    expect(mayEnter(folder, user)).toBe(expected);
  });
});

describe('whether a folder is private to a user', () => {
  const own = { uid: 5, gid: 5, mode: 0o711 };
  const sticky = { uid: 0, gid: 0, mode: 0o1777 };

  test.each([
    ['in /tmp', own, sticky, true],
    ['in a folder of root', own, { uid: 0, gid: 0, mode: 0o755 }, true],
    ['in a folder of his own', own, { uid: 5, gid: 5, mode: 0o700 }, true],
    ['in a folder of another user', own, { uid: 6, gid: 5, mode: 0o755 }, false],
    ['where anyone could replace it', own, { uid: 0, gid: 0, mode: 0o777 }, false],
    ['that is not his', { ...own, uid: 6 }, sticky, false],
    ['that a group may write to', { ...own, mode: 0o770 }, sticky, false],
  ])('depends on the folder and the one above: %s', (_, folder, parent, expected) => {
    expect(isPrivateTo(5, folder, parent)).toBe(expected);
  });
});
