import { describe, expect, it } from 'vitest';
import { account, grant } from '../support/account.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('H24 ids', () => {
  it.each([
    ['a lone high surrogate', '\ud83d'],
    ['a lone low surrogate', 'a\ude00b'],
    ['surrogates the wrong way round', '\ude00\ud83d'],
    ['a zero byte', 'a\0b'],
    ['a control character', 'a\u0085b'],
    ['a line break', 'a\nb'],
    ['nothing', ''],
    ['more than 512 bytes', 'é'.repeat(257)],
    ['no string', 7 as unknown as string],
  ])('H24 are refused if they hold %s', async (_, id) => {
    const one = await shards.start();
    const accounts = one.client(account);
    const calls = [
      accounts.send(id, grant(1)),
      accounts.state(id),
      accounts.create(grant(1), { id }),
    ];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        outcome: 'refused',
        code: 'InvalidId',
        details: { id },
      });
    }
    expect(one.actorCount).toBe(0);
  });

  it('H24 are compared by code points and never normalised: what looks alike may be two', async () => {
    const accounts = (await shards.start()).client(account);
    const ids = [
      'é',
      'e\u0301',
      'É',
      '\u{1f600}',
      '\uffff',
      'x'.repeat(512),
      ' ',
      'a/b@7',
      '%',
      "q, 7)=(z'",
    ];
    for (const [i, id] of ids.entries()) await accounts.send(id, grant(i + 1));
    const again = (await shards.start()).client(account);
    for (const [i, id] of ids.entries()) {
      expect(await again.state(id)).toMatchObject({ version: 1, state: { balance: i + 1 } });
    }
  });
});
