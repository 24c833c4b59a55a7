import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { account, check, deposit, grant, open, withdraw } from '../../support/account.js';
import { eventually } from '../../support/eventually.js';
import { rejection, watch } from '../../support/settling.js';
import { useShards } from '../../support/use-shards.js';
import { next, sums, THROWS, TOO_MUCH } from './support/sums.js';
import { differences, inlineOf, sumOf } from './support/use-inline.js';

const domain = { account, sums };
const shards = useShards(domain);
beforeAll(() => inlineOf(shards, domain).prepare());
afterEach(async () => {
  next.after = undefined;
  next.calls = [];
  expect(await differences(shards)).toEqual([]);
});

const outcomes = (results: readonly PromiseSettledResult<{ version: number }>[]) =>
  results.map((it) => (it.status === 'rejected' ? it.reason.code : it.value.version));

describe('an inline projection', () => {
  it('has written when the receipt comes, at the position of the event', async () => {
    const one = await shards.start();
    const id = shards.id();
    const { position } = await one.client(account).send(id, grant(5));
    expect(await sumOf(shards, id)).toEqual({ cents: 5, number: 1, lastPosition: position });
  });

  it('is called once per batch, with all events of all actors that it listens to, in order', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const ids = Array.from({ length: 20 }, () => shards.id());
    const receipts = await Promise.all(
      ids.flatMap((id) => [
        accounts.create(open, { id }),
        accounts.send(id, grant(1)),
        accounts.send(id, withdraw(1)),
        accounts.send(id, grant(2)),
      ]),
    );
    expect(receipts).toHaveLength(80);
    expect(next.calls).toEqual([40]);
    for (const id of ids) expect(await sumOf(shards, id)).toMatchObject({ cents: 3, number: 2 });
  });

  it('is not called for a batch without its events', async () => {
    const one = await shards.start();
    await one.client(account).create(open, { id: shards.id() });
    expect(next.calls).toEqual([]);
  });

  it('fails the one guilty command among many of many actors, and all others are stored', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const ids = Array.from({ length: 41 }, () => shards.id());
    const results = await Promise.allSettled(
      ids.map((id, i) => accounts.send(id, grant(i === 17 ? THROWS : 1))),
    );
    expect(outcomes(results)).toEqual(ids.map((_, i) => (i === 17 ? 'InlineProjectionFailed' : 1)));
    expect(await shards.log(ids[17]!)).toEqual([]);
    expect((results[17] as PromiseRejectedResult).reason).toMatchObject({
      outcome: 'failed',
      message: `account.grant on ${ids[17]} was not executed: Inline projection sums@1 failed: not that one`,
      details: { projection: 'sums', version: 1, id: ids[17], command: 'grant' },
      cause: { name: 'RangeError', message: 'not that one' },
    });
  });

  it('fails the one guilty command of a hot actor; later ones are decided again without it', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => accounts.send(id, grant(i === 20 ? THROWS : 1))),
    );
    const expected = Array.from({ length: 50 }, (_, i) => (i < 20 ? i + 1 : i));
    expect(outcomes(results)).toEqual(
      expected.map((version, i) => (i === 20 ? 'InlineProjectionFailed' : version)),
    );
    expect(await accounts.state(id)).toMatchObject({ version: 49, state: { balance: 49 } });
    expect(one.notices).toEqual([]);
  });

  it('fails what was decided on the guilty one by what is then true', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const results = await Promise.allSettled([
      accounts.send(id, grant(THROWS)),
      accounts.send(id, withdraw(100)),
      accounts.send(id, grant(7)),
    ]);
    expect(outcomes(results)).toEqual(['InlineProjectionFailed', 'ACCOUNT_NOT_FOUND', 1]);
  });

  it('fails a command that a constraint of its tables refuses', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    const results = await Promise.allSettled([
      accounts.send(id, grant(TOO_MUCH - 10)),
      accounts.send(id, deposit(10)),
      accounts.send(id, deposit(9)),
    ]);
    expect(outcomes(results)).toEqual([1, 'InlineProjectionFailed', 2]);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
      cause: { code: '23514' },
      details: { projection: 'sums' },
    });
  });

  it('cannot swallow the error of a statement: nothing is stored', async () => {
    const one = await shards.start();
    const id = shards.id();
    next.after = (tx) => tx.query('SELECT 1 / 0').catch(() => undefined);
    const failed = one.client(account).send(id, grant(1));
    await expect(failed).rejects.toMatchObject({
      code: 'InlineProjectionFailed',
      cause: { code: '22012' },
    });
    expect(await shards.log(id)).toEqual([]);
  });

  it('may go back to a savepoint after an error', async () => {
    const one = await shards.start();
    const id = shards.id();
    next.after = async (tx) => {
      await tx.query('SAVEPOINT before');
      await tx.query('SELECT 1 / 0').catch(() => undefined);
      await tx.query('ROLLBACK TO SAVEPOINT before');
    };
    expect(await one.client(account).send(id, grant(1))).toMatchObject({ version: 1 });
  });

  it('takes keyed commands, no-ops, rejections and failures in one batch, each with its outcome', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    await accounts.send(id, grant(1));
    const keyed = (cents: number, idempotencyKey: string) =>
      accounts.send(id, grant(cents), { idempotencyKey });
    const results = await Promise.allSettled([
      keyed(2, 'a'),
      accounts.send(id, check),
      keyed(THROWS, 'b'),
      accounts.send(id, withdraw(10_000)),
      keyed(3, 'c'),
      keyed(2, 'a'),
    ]);
    expect(outcomes(results)).toEqual([2, 2, 'InlineProjectionFailed', 'ACCOUNT_OVERDRAWN', 3, 2]);
    expect(await keyed(3, 'c')).toMatchObject({ version: 3, deduplicated: true });
    // What failed left no outcome under its key.
    expect(await keyed(4, 'b')).toMatchObject({ version: 4, deduplicated: false });
  });

  it('backs off while somebody holds its row, and the rest is stored', async () => {
    const one = await shards.start({ options: { lockTimeoutMs: 100 } });
    const accounts = one.client(account);
    const [held, free] = [shards.id(), shards.id()];
    await accounts.send(held, grant(1));
    const stranger = await shards.stranger();
    await stranger.query('BEGIN');
    await stranger.query(
      `SELECT FROM ${shards.schema}.inline_sums_v1_accounts WHERE id = $1 FOR UPDATE`,
      [held],
    );
    const waiting = watch(accounts.send(held, deposit(1)));
    expect(await accounts.send(free, grant(1))).toMatchObject({ version: 1 });
    expect(waiting.settled).toBe(false);
    await stranger.query('ROLLBACK');
    expect(await waiting.promise).toMatchObject({ version: 2 });
  });

  it('leaves neither events nor rows when its session ends in the middle, and is run once in the end', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    let left = 1;
    next.after = (tx) => (left-- > 0 ? tx.query('SELECT pg_sleep(30)') : Promise.resolve());
    const receipt = accounts.send(id, grant(5));
    const backend = await eventually(async () => {
      const { rows } = await shards.db.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND application_name = 'troupe commit'`,
      );
      return rows[0]!.pid;
    });
    await shards.db.query('SELECT pg_terminate_backend($1)', [backend]);
    expect(await receipt).toMatchObject({ version: 1 });
    expect(await shards.log(id)).toHaveLength(1);
    expect(next.calls).toEqual([1, 1]);
  });

  it('H27 is ended by the server when it does nothing: the command fails, the shard goes on', async () => {
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    next.after = () => new Promise(() => undefined);
    const error = await rejection(accounts.send(id, grant(5)));
    expect(error).toMatchObject({
      code: 'InlineProjectionFailed',
      message: expect.stringContaining('it ran no statement for 2000 ms'),
    });
    next.after = undefined;
    expect(await accounts.send(id, grant(6))).toMatchObject({ version: 1 });
  });

  it('fails a command whose statement takes too long', async () => {
    const one = await shards.start();
    next.after = (tx) => tx.query('SELECT pg_sleep(30)');
    expect(await rejection(one.client(account).send(shards.id(), grant(5)))).toMatchObject({
      code: 'InlineProjectionFailed',
      cause: { code: '57014' },
    });
  });

  it('is waited for by a fence, and refused after it', async () => {
    const store = shards.open();
    const one = await shards.start();
    const accounts = one.client(account);
    const id = shards.id();
    let letGo!: () => void;
    const entered = new Promise<void>((resolve) => {
      next.after = async (tx) => {
        next.after = undefined;
        resolve();
        const until = new Promise<void>((go) => {
          letGo = go;
        });
        // Not idle for long enough to be ended.
        await tx.query('SELECT 1');
        await until;
      };
    });
    const receipt = accounts.send(id, grant(5));
    await entered;
    const fence = watch(store.fence(one.shard.commit.writer.id));
    await eventually(async () => {
      const { rows } = await shards.db.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      expect(rows.length).toBeGreaterThan(0);
    });
    expect(fence.settled).toBe(false);
    letGo();
    expect(await receipt).toMatchObject({ version: 1 });
    await fence.promise;
    // The old epoch is refused; the shard raises it itself and goes on.
    expect(await accounts.send(id, grant(6))).toMatchObject({ version: 2 });
    expect(await shards.log(id)).toHaveLength(2);
  });
});
