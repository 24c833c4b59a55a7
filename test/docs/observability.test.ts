import { readFileSync } from 'node:fs';
import { FEED_METRICS, METRICS } from 'troupe';
import { expect, it } from 'vitest';
import { fileText, snippetsOf, unindented } from './snippets.js';

const page = readFileSync('docs/observability.md', 'utf8');

it('the page on watching a runtime shows its example as it is', () => {
  const snippets = snippetsOf(page);
  expect(snippets).not.toEqual([]);
  for (const { file, code } of snippets) expect(fileText(file)).toContain(unindented(code));
});

it('it names each metric', () => {
  for (const { name } of [...Object.values(METRICS), ...Object.values(FEED_METRICS)])
    expect(page).toMatch(new RegExp(`\`${name}[\`{]`));
});
