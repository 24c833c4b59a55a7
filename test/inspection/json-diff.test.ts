import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, jsonDiff } from '../../src/inspection/json-diff.js';

const ALL = 1_000_000;

describe('the difference of two states', () => {
  it('names what was added, removed and changed by JSON pointers', () => {
    const before = { owner: 'Ada', balance: 3, tags: ['a', 'b'], 'a/b~c': { x: 1 }, gone: null };
    const after = { owner: 'Ada', balance: 5, tags: ['a'], 'a/b~c': { x: 2 }, limit: { cents: 9 } };
    expect(jsonDiff(before, after, ALL)).toEqual([
      { path: '/balance', kind: 'changed', before: 3, after: 5 },
      { path: '/tags/1', kind: 'removed', before: 'b' },
      { path: '/a~1b~0c/x', kind: 'changed', before: 1, after: 2 },
      { path: '/gone', kind: 'removed', before: null },
      { path: '/limit', kind: 'added', after: { cents: 9 } },
    ]);
  });

  it('is the whole value where its kind differs', () => {
    expect(jsonDiff([1], { 0: 1 }, ALL)).toEqual([
      { path: '', kind: 'changed', before: [1], after: { 0: 1 } },
    ]);
    expect(jsonDiff(null, {}, ALL)).toEqual([
      { path: '', kind: 'changed', before: null, after: {} },
    ]);
  });

  it('ends at its limit, and bears any depth', () => {
    const many = Array.from({ length: 50 }, (_, i) => i);
    expect(jsonDiff(many, [], 7)).toHaveLength(7);
    const deep = (leaf: number) => {
      let value: unknown = leaf;
      for (let i = 0; i < 50_000; i++) value = [value];
      return value;
    };
    expect(jsonDiff(deep(1), deep(2), ALL)).toMatchObject([
      { kind: 'changed', before: 1, after: 2 },
    ]);
  });

  it('applied to the first gives the second, and nothing differs from itself', () => {
    // A key `__proto__` is set by no plain assignment, which is all that `applied` does.
    const json = fc
      .jsonValue({ depthSize: 'small' })
      .filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(json, json, (a, b) => {
        const before = JSON.parse(JSON.stringify(a)) as unknown;
        const after = JSON.parse(JSON.stringify(b)) as unknown;
        expect(jsonDiff(before, before, ALL)).toEqual([]);
        expect(applied(before, jsonDiff(before, after, ALL))).toEqual(after);
      }),
    );
  });
});

function applied(value: unknown, changes: readonly Change[]): unknown {
  const root = { value: JSON.parse(JSON.stringify(value)) as unknown };
  // From the end, so that what is removed from a list does not move what is before it.
  for (const { path, kind, after } of changes.toReversed()) {
    const keys = path.split('/').slice(1);
    const names = ['value', ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))];
    const last = names.pop()!;
    const parent = names.reduce<Record<string, unknown>>(
      (inner, name) => inner[name] as Record<string, unknown>,
      root,
    );
    if (kind !== 'removed') parent[last] = after;
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return root.value;
}
