import {
  CommandFailed,
  CommandRefused,
  CommandRejected,
  isRefusal,
  isTroupeError,
  OutcomeUnknown,
  type Runtime,
  startRuntime,
} from 'troupe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { account, crash, deposit, grant, withdraw } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { rejection } from '../support/settling.js';
import { insertEvent, useShards } from '../support/use-shards.js';

const shards = useShards();

describe('every command ends in one of five ways', () => {
  let runtime: Runtime;
  const schema = freshSchema();
  const store = { kind: 'postgres', schema, lockTimeoutMs: 30_000 } as const;

  beforeAll(async () => {
    const url = databaseUrl();
    runtime = await startRuntime({
      domain: { account },
      store: { ...store, url },
      shards: 0,
      unknownAfterMs: 1,
    });
  });
  afterAll(() => runtime.stop());

  it('accepted: a receipt', async () => {
    const receipt = await runtime.aggregate(account).send('a', grant(1));
    expect(receipt).toMatchObject({ version: 1, events: [{ type: 'deposited' }] });
  });

  it('rejected by the domain: not executed', async () => {
    const error = await rejection(runtime.aggregate(account).send('new', withdraw(5)));
    expect(error).toBeInstanceOf(CommandRejected);
    expect(isTroupeError(error, 'ACCOUNT_NOT_FOUND')).toBe(true);
  });

  it('refused: certainly not executed, and never stored', async () => {
    const error = await rejection(runtime.aggregate(account).send('b', grant(-1)));
    expect(error).toBeInstanceOf(CommandRefused);
    expect(isRefusal(error, 'InvalidCommand')).toBe(true);
    expect(isRefusal(error, 'Overloaded')).toBe(false);
  });

  it('failed by a bug: certainly not executed', async () => {
    await runtime.aggregate(account).send('c', grant(1));
    const error = await rejection(runtime.aggregate(account).send('c', crash));
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      stack: expect.stringContaining('account.ts'),
    });
  });

  it.each([
    [
      'that was executed',
      'ROLLBACK',
      { kind: 'accepted', version: 2, events: [{ type: 'deposited' }] },
    ],
    ['that was not executed', 'COMMIT', { kind: 'notExecuted' }],
  ])(
    'unknown: resolved by its command id to one %s',
    async (_, end, expected) => {
      const accounts = runtime.aggregate(account);
      const id = `held until ${end}`;
      await accounts.send(id, grant(1));
      const stranger = await shards.stranger();
      await stranger.query('BEGIN');
      const row = eventRow({ aggregate: 'account', id }, 2, {
        type: 'withdrawn',
        data: '{"cents":1}',
      });
      await insertEvent(stranger, schema, row); // an open transaction holds version 2
      const error = await rejection(accounts.send(id, deposit(5), { timeoutMs: 1000 }));
      expect(error).toBeInstanceOf(OutcomeUnknown);
      const { command } = error as OutcomeUnknown;
      const resolved = runtime.outcome(JSON.parse(JSON.stringify(command)));
      await stranger.query(end);
      expect(await resolved).toMatchObject(expected);
      // The answer is final, and the shard goes on.
      expect(await runtime.outcome(error as OutcomeUnknown)).toMatchObject(expected);
      expect(await accounts.send(id, deposit(1))).toMatchObject({ version: 3 });
    },
    30_000,
  );
});
