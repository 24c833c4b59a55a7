import { beforeEach, describe, expect, it } from 'vitest';
import { account, grant } from '../../support/account.js';
import { rejection } from '../../support/settling.js';
import { useShards } from '../../support/use-shards.js';
import { next, sums } from './support/sums.js';
import { differences, inlineOf } from './support/use-inline.js';

const withSums = { account, sums };
const without = { account };
const shards = useShards(without);

beforeEach(() => {
  next.calls = [];
  next.after = undefined;
});

describe('an inline projection on a log with events', () => {
  it('is filled from the log under live writes, by two processes at once, exactly', async () => {
    const before = await shards.start();
    const writer = before.client(account);
    const ids = Array.from({ length: 50 }, () => shards.id());
    const idOf = (i: number): string => ids[i % ids.length] as string;
    await Promise.all(
      Array.from({ length: 3500 }, (_, i) => writer.send(idOf(i), grant((i % 500) + 1))),
    );

    let refused: Error | undefined;
    let stored = 0;
    const write = async (lane: number): Promise<void> => {
      for (let i = lane; !refused; i += 7) {
        await writer.send(idOf(i), grant(1)).then(
          () => stored++,
          (error: Error) => {
            refused = error;
          },
        );
      }
    };
    const writing = Array.from({ length: 20 }, (_, lane) => write(lane));
    const [one, two] = [inlineOf(shards, withSums), inlineOf(shards, withSums)];
    await Promise.all([one.prepare(), two.prepare()]);
    // The process without it is refused from then on.
    await Promise.all(writing);
    expect(refused).toMatchObject({ code: 'InlineProjectionsDiffer' });
    expect(stored).toBeGreaterThan(0);
    expect(await differences(shards)).toEqual([]);
    // One that has it goes on from there.
    const after = (await shards.start({ domain: withSums })).client(account);
    await Promise.all(ids.map((id) => after.send(id, grant(5))));
    expect(await differences(shards)).toEqual([]);
    const told = [...one.told, ...two.told];
    expect(told).toContainEqual(
      expect.stringMatching(
        /^degraded: inline projection sums@1 is filled from the log, and the start waits/,
      ),
    );
    expect(told).toContainEqual(
      expect.stringMatching(
        /^recovered: inline projection sums@1 is active, filled with \d+ events$/,
      ),
    );
  }, 30_000);

  it('goes on where a start that failed has left it, and names where it failed', async () => {
    await inlineOf(shards, without).remove('sums');
    await shards.db.query(`DELETE FROM ${shards.schema}.inline_projections`);
    let pages = 0;
    next.after = () =>
      ++pages === 3 ? Promise.reject(new Error('the third page is bad')) : Promise.resolve();
    expect(await rejection(inlineOf(shards, withSums).prepare())).toMatchObject({
      code: 'InlineProjectionFailed',
      message: expect.stringMatching(
        /sums@1 failed: the third page is bad\. It cannot be filled from the log: the failure is between the positions \d+ and \d+$/,
      ),
    });
    const [filling] = await inlineOf(shards, without).list();
    expect(filling).toMatchObject({ state: 'filling' });
    expect(filling?.position).toBeGreaterThan(0);
    // While it is filling, nobody has to run it.
    const writer = (await shards.start()).client(account);
    await writer.send(shards.id(), grant(1));
    next.calls = [];
    await inlineOf(shards, withSums).prepare();
    expect(await differences(shards)).toEqual([]);
    expect(next.calls[0]).toBe(1000);
  }, 30_000);

  it('waits until a stranger who has appended ends, without stopping others for long', async () => {
    await inlineOf(shards, without).remove('sums');
    await shards.db.query(`DELETE FROM ${shards.schema}.inline_projections`);
    const writer = (await shards.start()).client(account);
    const [held, id] = [shards.id(), shards.id()];
    const stranger = await shards.stranger();
    await stranger.query('BEGIN');
    await stranger.query(
      `INSERT INTO ${shards.schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       VALUES (1, 'account', $1, 1, 'deposited', '{"cents":3}', '{}', 'c', now())`,
      [held],
    );
    const preparing = inlineOf(shards, withSums).prepare();
    for (let i = 1; i <= 20; i++)
      expect(await writer.send(id, grant(1))).toMatchObject({ version: i });
    await stranger.query('COMMIT');
    await preparing;
    expect(await differences(shards)).toEqual([]);
  }, 30_000);
});
