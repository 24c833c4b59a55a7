import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const guide = readFileSync('docs/reliability.md', 'utf8');
const rows = [...guide.matchAll(/^\| (H\d\d) /gm)].map(([, number]) => number as string);
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => readFileSync(`test/${path}`, 'utf8'));

describe('docs/reliability.md', () => {
  it('has a row for each hazard of the core', () => {
    const core = Array.from({ length: 29 }, (_, i) => `H${String(i + 1).padStart(2, '0')}`);
    expect(rows).toEqual(expect.arrayContaining([...core, 'H48', 'H49', 'H50']));
  });

  it.each([...new Set(rows)])('has tests that are titled %s', (number) => {
    // A title is a text that begins with the number.
    expect(tests.some((text) => text.includes(`'${number} `))).toBe(true);
  });

  it('names tests that exist', () => {
    const named = [...guide.matchAll(/`(test\/[\w/-]+)`/g)].map(([, path]) => path as string);
    expect(named.length).toBeGreaterThan(15);
    for (const path of named) expect(existsSync(`${path}.test.ts`), path).toBe(true);
  });
});
