import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/http/problem-status.js';
import { fileText, snippetsOf, unindented } from './snippets.js';

const page = readFileSync('docs/http-api.md', 'utf8');

describe('the page on HTTP', () => {
  it('shows the example as it is', () => {
    const [shown] = snippetsOf(page);
    expect(fileText(shown?.file ?? '')).toContain(unindented(shown?.code ?? ''));
  });

  it('names each code with its status', () => {
    const rows = page.split('\n').filter((line) => /^\| \d{3}/.test(line));
    for (const [code, { status }] of PROBLEMS) {
      if (['ViewNotReady', 'Aborted', 'PageNotInstalled'].includes(code)) continue;
      const row = rows.find((line) => line.includes(`\`${code}\``));
      expect(row?.split('|')[1], code).toContain(String(status));
    }
  });
});
