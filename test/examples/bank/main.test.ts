import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Program } from '../program.js';

const source = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../examples/bank/${name}`, import.meta.url)), 'utf8');

describe('the bank example', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'troupe-bank-'));
    // Started by root, the server runs as another user, who must be able to enter.
    await chmod(cwd, 0o755);
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  it('opens an account, moves money, handles a rejection and ends by itself', {
    timeout: 60_000,
  }, async () => {
    const program = new Program('examples/bank/main.ts', [], { cwd });
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toBe(
      `rejected: only 3800 cents left
{ state: { owner: 'mia', balance: 3800 }, version: 3, position: 3 }
1 opened { owner: 'mia' }
2 deposited { cents: 5000 }
3 withdrawn { cents: 1200 }
`,
    );
    expect(program.stderr).toBe('');
  });

  it('is short, and imports nothing that a user does not have', async () => {
    const [domain, main] = await Promise.all([source('domain.ts'), source('main.ts')]);
    expect((domain + main).trimEnd().split('\n').length).toBeLessThan(60);
    const imports = [...(domain + main).matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(new Set(imports)).toEqual(new Set(['troupe', 'troupe/embedded', 'zod', './domain.js']));
  });
});
