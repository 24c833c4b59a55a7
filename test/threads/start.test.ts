import { describe, expect, it } from 'vitest';
import { watchThreads } from './support/inside.js';
import { tallyUrl, useDatabase } from './support/use-database.js';
import { add, tallyOf } from './support/workload.js';

const db = useDatabase();
const domain = (name: string) => new URL(`./support/domains/${name}.js`, import.meta.url);

describe.each([0, 2])('starting a runtime with %i threads', (shards) => {
  it.each([
    ['throws', 'DomainNotLoaded', 'a mistake at import'],
    ['missing', 'DomainNotLoaded', 'missing.js'],
    ['empty', 'EmptyDomain', 'exports no definitions'],
    ['failing-services', 'ServicesFailed', 'the service cannot be reached'],
  ])(
    'fails for a domain module that is %s, and leaves nothing behind',
    async (name, code, text) => {
      const threads = watchThreads();
      const starting = db.start({ shards, domain: domain(name) });
      await expect(starting).rejects.toMatchObject({
        code,
        message: expect.stringContaining(text),
      });
      expect(threads.size).toBe(0);
    },
  );

  it('takes the .js beside a .ts that does not exist', async () => {
    const url = new URL(tallyUrl);
    url.pathname = url.pathname.replace(/\.js$/, '.ts');
    const client = tallyOf(await db.start({ shards, domain: url }));
    expect(await client.send('a', add('one'))).toMatchObject({ version: 1 });
  });

  it('fails where the database cannot be reached, and leaves nothing behind', async () => {
    const threads = watchThreads();
    const store = { ...db.store(), url: 'postgres://postgres@127.0.0.1:1/postgres' };
    await expect(db.start({ shards, store, startTimeoutMs: 0 })).rejects.toMatchObject({
      code: 'DatabaseUnreachable',
      message: expect.stringContaining('127.0.0.1:1/postgres could not be used within 0 ms'),
      details: { attempts: 1, startTimeoutMs: 0 },
      cause: { code: 'StoreUnavailable' },
    });
    await expect.poll(() => threads.size).toBe(0);
  });
});

describe('starting a runtime with threads', () => {
  it.each([
    ['throws-in-thread', { message: 'a mistake at import' }],
    ['exits-in-thread', { message: 'worker exited with code: 5' }],
    ['starts-a-runtime', { code: 'StartedInsideDomain' }],
    ['starts-a-runtime-unawaited', { code: 'StartedInsideDomain' }],
  ])('fails for a domain module that %s, and leaves nothing behind', async (name, expected) => {
    const threads = watchThreads();
    const starting = db.start({ shards: 2, domain: domain(name) });
    await expect(starting).rejects.toMatchObject({ name: expect.any(String), ...expected });
    await expect(starting).rejects.toBeInstanceOf(Error);
    expect(threads.size).toBe(0);
  });
});
