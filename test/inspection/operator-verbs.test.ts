import { MemoryLog } from 'troupe';
import { hold, testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { account, deposit, grant, open } from '../support/account.js';
import { eventually } from '../support/eventually.js';

const reason = { who: 'Ada', why: 'a test' };

describe('what operators do', () => {
  it('is put down before it is done, with who, why and what came of it', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const { inspect } = troupe.runtime;
    await troupe.aggregate(account).create(open, { id: 'a' });
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({
      audit: 1,
      result: 'done',
    });
    expect(await inspect.actor('account', 'a')).toMatchObject({ live: undefined });
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({ result: 'notLive' });
    expect(await inspect.snapshot('account', 'a', reason)).toMatchObject({ result: 'done' });
    expect(await inspect.snapshot('account', 'b', reason)).toMatchObject({ result: 'notLive' });
    expect((await inspect.actor('account', 'a')).snapshot).toMatchObject({
      version: 1,
      eventsSince: 0,
    });
    const { entries, next } = await inspect.audit({ limit: 2 });
    expect(entries).toMatchObject([
      { number: 4, verb: 'snapshot', aggregate: 'account', id: 'b', result: 'notLive', ...reason },
      { number: 3, verb: 'snapshot', id: 'a', result: 'done', finishedAt: troupe.clock.now() },
    ]);
    const rest = await inspect.audit({ after: next! });
    expect(rest.entries.map(({ number, verb }) => [number, verb])).toEqual([
      [2, 'passivate'],
      [1, 'passivate'],
    ]);
    const one = await inspect.audit({ aggregate: 'account', id: 'b' });
    expect(one.entries.map(({ number }) => number)).toEqual([4]);
  });

  it('does not passivate an actor that has work, nor lose its commands', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = troupe.aggregate(account).send('a', grant(1));
    await held.reached;
    const { inspect } = troupe.runtime;
    expect(await inspect.passivate('account', 'a', reason)).toMatchObject({
      result: 'busy',
      message: 'it has work: 0 commands wait, 1 decisions are not durable yet (ready)',
    });
    held.release();
    expect(await sent).toMatchObject({ version: 1 });
  });

  it('reloads an actor from the log, and what it had decided is durable first', async () => {
    await using troupe = await testRuntime({ domain: [account] });
    const accounts = troupe.aggregate(account);
    const { inspect } = troupe.runtime;
    await accounts.create(open, { id: 'a' });
    const held = hold<'append'>();
    troupe.faults.next('append', held.fault);
    const sent = [accounts.send('a', deposit(1)), accounts.send('a', deposit(2))];
    await held.reached;
    await eventually(async () =>
      expect((await inspect.actor('account', 'a')).live).toMatchObject({ decidedVersion: 3 }),
    );
    expect(await inspect.reload('account', 'a', reason)).toMatchObject({ result: 'done' });
    sent.push(accounts.send('a', deposit(4)));
    // It waits: there is no state to decide it on until what was decided is durable.
    await eventually(async () =>
      expect((await inspect.actor('account', 'a')).live?.mailbox).toMatchObject({ commands: 1 }),
    );
    held.release();
    expect((await Promise.all(sent)).map((receipt) => receipt.version)).toEqual([2, 3, 4]);
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 7 } });
    expect((await inspect.actor('account', 'a')).live?.recoveries).toMatchObject({ count: 2 });
    const idle = await inspect.reload('account', 'a', reason);
    expect(idle).toMatchObject({ result: 'done' });
    expect(await accounts.send('a', deposit(1))).toMatchObject({ version: 5 });
    expect(await accounts.state('a')).toMatchObject({ state: { balance: 8 } });
  });

  it('quarantines an actor: commands that come or wait are refused until it is released', async () => {
    const log = new MemoryLog();
    const refused = { code: 'Quarantined', outcome: 'refused' };
    {
      await using troupe = await testRuntime({ domain: [account], log });
      const accounts = troupe.aggregate(account);
      const { inspect } = troupe.runtime;
      await accounts.create(open, { id: 'a' });
      await inspect.passivate('account', 'a', reason);
      const held = hold<'load'>();
      troupe.faults.next('load', held.fault);
      const waiting = accounts.send('a', deposit(1)).catch((error: unknown) => error);
      await held.reached;
      expect(await inspect.quarantine('account', 'a', reason)).toMatchObject({ result: 'done' });
      expect(await waiting).toMatchObject(refused);
      held.release();
      await expect(accounts.send('a', deposit(1))).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(
          /account\/a is quarantined until it is released \(by Ada, .*: a test\)/,
        ),
        details: { aggregate: 'account', id: 'a', ...reason },
      });
      await expect(accounts.state('a')).rejects.toMatchObject(refused);
      expect(await accounts.send('b', grant(1))).toMatchObject({ version: 1 });
      expect(await inspect.actor('account', 'a')).toMatchObject({
        status: 'quarantined',
        quarantine: reason,
      });
      expect((await inspect.stateAt('account', 'a'))?.version).toBe(1);
    }
    await using again = await testRuntime({ domain: [account], log });
    const accounts = again.aggregate(account);
    const { inspect } = again.runtime;
    await expect(accounts.send('a', deposit(1))).rejects.toMatchObject(refused);
    expect(await inspect.quarantined()).toMatchObject([
      { aggregate: 'account', id: 'a', ...reason },
    ]);
    expect(await inspect.release('account', 'a', reason)).toMatchObject({ result: 'done' });
    expect(await accounts.send('a', deposit(1))).toMatchObject({ version: 2 });
    expect(await inspect.quarantined()).toEqual([]);
  });
});
