import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');

test.each(['examples/bank/domain.ts', 'examples/bank/main.ts'])(
  'the README shows %s as it is',
  (file) => {
    const shown = readme.split(`<!-- ${file} -->\n\`\`\`ts\n`)[1]?.split('\n```')[0];
    expect(shown).toBe(readFileSync(file, 'utf8').trimEnd());
  },
);

test('every file that the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
    (match) => match[1] as string,
  );
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) expect(() => readFileSync(link), link).not.toThrow();
});
