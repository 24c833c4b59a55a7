import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Program } from '../examples/program.js';

const page = readFileSync('docs/projections.md', 'utf8');
const shown = [...page.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, file, code]) => ({ file: file as string, code: code as string }),
);

test('the page on projections shows examples', () => {
  expect(shown.map(({ file }) => file)).toEqual(
    [
      ...['balances', 'module', 'richest', 'balances.test', 'read-your-writes.test'],
      ...['openings', 'owners', 'owners.test', 'welcome', 'welcome.test'],
    ].map((name) => `examples/bank/${name}.ts`),
  );
});

test.each(shown)('$file is shown as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(file, 'utf8').trimEnd());
});

test.each(shown.filter(({ file }) => file.endsWith('.test.ts')))(
  '$file passes in the test runner of Node',
  async ({ file }) => {
    const program = new Program(file, [], { cwd: await workingFolder() });
    expect(await program.ended(), program.stdout).toBe(0);
    expect(program.stdout).toMatch(/^# pass [1-9]/m);
  },
  60_000,
);

test('the program that asks the view prints what the page says', async () => {
  const program = new Program('examples/bank/richest.ts', [], { cwd: await workingFolder() });
  expect(await program.ended(), program.stderr).toBe(0);
  expect(program.stdout).toBe('mia 150000\n');
  expect(page).toContain('prints `mia 150000`');
}, 60_000);

/** What needs a database has it there. */
async function workingFolder(): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'troupe-docs-'));
  await chmod(cwd, 0o755); // started by root, the server runs as another user
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  return cwd;
}
