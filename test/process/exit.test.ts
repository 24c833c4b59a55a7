import { describe, expect, it } from 'vitest';
import { useDatabase } from '../threads/support/use-database.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = (name: string) => new URL(`./support/${name}`, import.meta.url);
const env = (more: Record<string, string>) => ({
  ...{ URL_OF_DATABASE: db.url, SCHEMA: db.schema },
  ...more,
});

describe.each(['0', '2'])('a process with %s shard threads', (SHARDS) => {
  it('ends by itself once its runtime is stopped', async () => {
    const child = new Child(script('short-process.js'), env({ SHARDS }));
    expect(await child.exit(), child.stderr).toBe(0);
    expect(child.lines).toEqual(['version 1', 'stopped', 'left: ']);
    expect(child.stderr).toBe('');
  });
});

it('a main file that is its own domain module is told so, instead of starting runtimes without end', async () => {
  const child = new Child(script('main-and-domain.js'), env({ SHARDS: '1' }));
  expect(await child.exit(), child.stderr).toBe(0);
  expect(child.lines).toEqual(['StartedInsideDomain']);
});

it('a listener that throws keeps no shard from being replaced', async () => {
  const child = new Child(script('throwing-listener.js'), env({}));
  expect(await child.exit(), child.stderr).toBe(0);
  expect(child.lines).toEqual(['uncaught: a mistake of the listener', 'version 1']);
});

describe('a service in TypeScript under tsx', () => {
  const root = new URL('../../', import.meta.url);
  it.each([
    ['from the sources of the package', 'src/index.ts'],
    ['with the package as built', 'dist/src/index.js'],
  ])('runs its domain module in threads, %s', async (_, entry) => {
    const PACKAGE = new URL(entry, root).href;
    const child = new Child(script('main.ts'), env({ PACKAGE }), ['--import', 'tsx']);
    expect(await child.exit(), child.stderr).toBe(0);
    expect(JSON.parse(child.lines[0]!)).toMatchObject({ version: 1, state: { owner: 'Ada' } });
  });
});
