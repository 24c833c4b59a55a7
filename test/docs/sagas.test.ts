import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program } from '../examples/program.js';

const page = readFileSync('docs/sagas.md', 'utf8');
const shown = [...page.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, file, code]) => ({ file: file as string, code: code as string }),
);

test('the page on sagas shows its examples', () => {
  expect(shown.map(({ file }) => file)).toEqual([
    'examples/transfer/money-transfer.ts',
    'examples/transfer/module.ts',
    'examples/transfer/main.ts',
    'examples/loans/follow-up/offer-follow-up.ts',
    'examples/transfer/money-transfer.test.ts',
  ]);
});

test.each(shown)('$file is shown as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(file, 'utf8').trimEnd());
});

test('the money transfer passes in the test runner of Node', async () => {
  const program = new Program('examples/transfer/money-transfer.test.ts', [], {});
  expect(await program.ended(), program.stdout).toBe(0);
  expect(program.stdout).toMatch(/^# pass [1-9]/m);
});
