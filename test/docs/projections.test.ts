import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program } from '../examples/program.js';

const page = readFileSync('docs/projections.md', 'utf8');
const shown = [...page.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, file, code]) => ({ file: file as string, code: code as string }),
);

test('the page on projections shows examples', () => {
  expect(shown.map(({ file }) => file)).toEqual(
    [
      'balances',
      'balances.test',
      'read-your-writes.test',
      'openings',
      'welcome',
      'welcome.test',
    ].map((name) => `examples/bank/${name}.ts`),
  );
});

test.each(shown)('$file is shown as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(file, 'utf8').trimEnd());
});

test.each(shown.filter(({ file }) => file.endsWith('.test.ts')))(
  '$file passes in the test runner of Node',
  async ({ file }) => {
    const program = new Program(file, [], {});
    expect(await program.ended(), program.stdout).toBe(0);
    expect(program.stdout).toMatch(/^# pass [1-9]/m);
  },
);
