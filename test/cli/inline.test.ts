import { describe, expect, it } from 'vitest';
import { sums } from '../projection/inline/support/sums.js';
import { inlineOf } from '../projection/inline/support/use-inline.js';
import { account } from '../support/account.js';
import { databaseUrl } from '../support/postgres.js';
import { useShards } from '../support/use-shards.js';
import { troupe } from './support/run-troupe.js';

const domain = { account, sums };
const shards = useShards(domain);

describe('troupe inline', () => {
  it('lists the inline projections of a log, and removes one', async () => {
    await inlineOf(shards, domain).prepare();
    const at = ['--url', databaseUrl(), '--schema', shards.schema];
    expect(await troupe('inline', 'list', ...at)).toMatchObject({
      ...{ status: 0, stdout: 'sums@1  active\n', stderr: '' },
    });
    expect(await troupe('inline', 'remove', 'sums', ...at)).toMatchObject({
      ...{ status: 0, stdout: 'removed sums\n', stderr: '' },
    });
    const { stdout } = await troupe('inline', 'list', '--json', ...at);
    expect(JSON.parse(stdout)).toEqual([
      { name: 'sums', version: 1, state: 'removed', position: 0 },
    ]);
    expect(await troupe('inline', 'remove', 'sums', ...at)).toMatchObject({
      ...{ status: 1, stdout: '' },
      stderr: 'troupe: The log has no inline projection sums\n',
    });
  });
});
