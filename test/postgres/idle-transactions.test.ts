import pg from 'pg';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ResolvedPostgres } from '../../src/postgres/options.js';
import { SqlConnections } from '../../src/postgres/sql-connections.js';
import { PostgresSubscriptions } from '../../src/postgres/subscriptions.js';
import { useLog } from './support/use-log.js';

const log = useLog();
afterEach(() => vi.restoreAllMocks());

// As behind a pooler in transaction mode, where nothing is set for a session.
const pooled = (): ResolvedPostgres => ({ ...log.log.options, namedStatements: false });

describe('H27 H38 a process that stands still inside a transaction', () => {
  it('loses the row of a subscription that it has locked', async () => {
    const subscriptions = new PostgresSubscriptions(pooled(), { leaseMs: 1000, connections: 2 });
    onTestFinished(() => subscriptions.close());
    await subscriptions.register(
      { name: 'one', version: 1, fingerprint: '' },
      { position: 0, commandId: '' },
    );
    const stands = standsStillAt(/p\.is_asked/);
    const skipping = subscriptions.skip('one', { aggregate: 'a', id: 'a' }, { who: 'x', why: 'y' });
    skipping.catch(() => undefined);
    await stands.reached;
    const { schema } = log.log;
    await expectUnlocked(`SELECT FROM ${schema}.subscriptions WHERE name = 'one' FOR UPDATE`);
    stands.goOn();
    await expect(skipping).rejects.toMatchObject({ code: 'StoreUnavailable' });
  });

  it('loses what it has locked while it makes the table of a view', async () => {
    const connections = new SqlConnections(pooled());
    onTestFinished(() => connections.close());
    const { schema } = log.log;
    await connections.query(`CREATE TABLE ${schema}.mine (id int)`);
    const stands = standsStillAt(/^COMMIT$/);
    const making = connections.transaction((tx) => tx.query(`LOCK TABLE ${schema}.mine`));
    making.catch(() => undefined);
    await stands.reached;
    await expectUnlocked(`SELECT FROM ${schema}.mine`);
    stands.goOn();
    await expect(making).rejects.toBeDefined();
  });
});

/** As if the process were stopped before it sends a statement. */
function standsStillAt(pattern: RegExp): { reached: Promise<void>; goOn(): void } {
  let reach!: () => void;
  let goOn!: () => void;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const real = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const [given] = args as [string | { text?: string }];
    const text = typeof given === 'string' ? given : (given.text ?? '');
    if (!pattern.test(text)) return real.apply(this, args);
    reach();
    return gone.then(() => real.apply(this, args));
  } as never);
  return { reached, goOn };
}

/** Waits for a lock for longer than a transaction may stand still. */
async function expectUnlocked(sql: string): Promise<void> {
  const stranger = await log.stranger();
  await stranger.query(`SET lock_timeout = '8s'`);
  await stranger.query(sql);
}
