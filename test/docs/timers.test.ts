import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program } from '../examples/program.js';
import { snippetsOf } from './snippets.js';

const shown = snippetsOf(readFileSync('docs/timers.md', 'utf8'));

test('the page on timers shows an aggregate and its tests', () => {
  expect(shown.map(({ file }) => file)).toEqual([
    'examples/bank/reminder.ts',
    'examples/bank/reminder.test.ts',
  ]);
});

test.each(shown)('$file is shown as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(file, 'utf8').trimEnd());
});

test('the tests it shows pass in the test runner of Node', async () => {
  const program = new Program('examples/bank/reminder.test.ts', [], {});
  expect(await program.ended(), program.stdout).toBe(0);
  expect(program.stdout).toMatch(/^# pass [1-9]/m);
});
