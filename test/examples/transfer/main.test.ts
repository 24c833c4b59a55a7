import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Program } from '../program.js';

it('transfers of money end as docs/sagas.md shows', { timeout: 60_000 }, async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'troupe-transfer-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  // Started by root, the server runs as another user, who must be able to enter.
  await chmod(cwd, 0o755);
  const program = new Program('examples/transfer/main.ts', [], { cwd });
  expect(await program.ended(), program.stderr).toBe(0);
  const [, printed] = (await readFile('docs/sagas.md', 'utf8')).split('```text\n');
  expect(program.stdout).toBe(printed?.split('```')[0]);
  expect(program.stdout).toContain('refunded 700 300');
});
