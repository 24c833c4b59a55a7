import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const names = readdirSync('examples/origins');

describe.each(names)('the domain of %s', (name) => {
  const files = readdirSync(`examples/origins/${name}`);
  const source = readFileSync(`examples/origins/${name}/domain.ts`, 'utf8');

  it('has at most 60 lines', () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('imports nothing that a user does not have', () => {
    for (const file of files.filter((name) => !['main.ts', 'with-mcp.ts'].includes(name))) {
      const text = readFileSync(`examples/origins/${name}/${file}`, 'utf8');
      const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
      const allowed = file === 'domain.ts' ? ['troupe', 'zod'] : ['./domain.js', 'troupe', 'zod'];
      expect(allowed).toEqual(expect.arrayContaining(imports));
    }
  });

  it('has tests', () => {
    expect(readdirSync('test/examples/origins')).toContain(`${name}.test.ts`);
  });
});
