import { readFileSync } from 'node:fs';

/** A code block that names the file it is taken from: `<!-- path -->` on the line above. */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

export function snippetsOf(guide: string): readonly Snippet[] {
  return [...guide.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)\n```/g)].map(([, file, code]) => ({
    file: file as string,
    code: code as string,
  }));
}

/** TypeScript blocks that name no file. */
export function looseBlocksOf(guide: string): readonly string[] {
  const loose = guide.replaceAll(/<!-- \S+ -->\n```ts\n[\s\S]*?\n```/g, '');
  return [...loose.matchAll(/```ts\n([\s\S]*?)\n```/g)].map(([, code]) => code as string);
}

/** The lines of a text without their indentation. */
export function unindented(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

export const fileText = (path: string): string => unindented(readFileSync(path, 'utf8'));
