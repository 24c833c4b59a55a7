import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileText, looseBlocksOf, snippetsOf, unindented } from './snippets.js';

const guide = readFileSync('docs/coming-from.md', 'utf8');
const links = [...guide.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link as string);

describe('docs/coming-from.md', () => {
  it.each(snippetsOf(guide))('shows what is written in $file', ({ file, code }) => {
    expect(fileText(file)).toContain(unindented(code));
  });

  it('shows no code that is not in a file', () => {
    expect(snippetsOf(guide).length).toBeGreaterThan(5);
    expect(looseBlocksOf(guide)).toEqual([]);
  });

  it('leads to files and headings that exist', () => {
    const headings = [...guide.matchAll(/^## (.+)$/gm)].map(([, title]) => anchor(title as string));
    for (const link of links) {
      if (link.startsWith('#')) expect(headings).toContain(link.slice(1));
      else expect(existsSync(new URL(link, `file://${process.cwd()}/docs/`)), link).toBe(true);
    }
  });

  it('names every example of the origins', () => {
    for (const name of readdirSync('examples/origins'))
      expect(links).toContain(`../examples/origins/${name}/domain.ts`);
  });

  it('says in each row of the five where the code is, that it is not yet, or why there is none', () => {
    const [five] = guide.split('\n## Commanded') as [string];
    const rows = five.split('\n').filter((line) => line.startsWith('| ') && !line.includes('---'));
    expect(rows.length).toBeGreaterThan(130);
    for (const row of rows) expect(row.split(/(?<!\\)\|/), row).toHaveLength(5);
  });
});

/** As GitHub makes it of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
