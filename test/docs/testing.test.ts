import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program } from '../examples/program.js';

const guide = readFileSync('docs/testing.md', 'utf8');
const shown = [...guide.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, file, code]) => ({ file: file as string, code: code as string }),
);

test('the guide to testing shows examples', () => {
  expect(shown.map(({ file }) => file)).toEqual(
    ['domain', 'runtime', 'store'].map((name) => `examples/bank/${name}.test.ts`),
  );
});

test.each(shown)('$file is shown as it is, and passes in the test runner of Node', async (it) => {
  expect(it.code).toBe(readFileSync(it.file, 'utf8').trimEnd());
  const program = new Program(it.file, [], {});
  expect(await program.ended(), program.stdout).toBe(0);
  expect(program.stdout).toMatch(/^# pass [1-9]/m);
});
