import { expect, it, onTestFinished } from 'vitest';
import { PostgresWakeUps, wakeUpChannel } from '../../src/postgres/wake-ups.js';
import { eventually } from '../support/eventually.js';
import { useLog } from './support/use-log.js';

const log = useLog();

it('a line that was lost wakes its reader when it is mended, for what was told meanwhile is lost', async () => {
  const told: (string | number)[] = [];
  const wakeUps = new PostgresWakeUps(log.log.options, {
    wake: (position) => told.push(position ?? 'read the log'),
    heard: (cause) => told.push(cause ? 'deaf' : 'listening'),
  });
  onTestFinished(() => wakeUps.close());
  const stranger = await log.stranger();
  await eventually(() => expect(told).toEqual(['listening', 'read the log']));
  await stranger.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'troupe wake-up' AND query LIKE '%' || $1 || '%'`,
    [wakeUpChannel(log.log.schema)],
  );
  await eventually(() => expect(told.slice(2)).toEqual(['deaf', 'listening', 'read the log']));
});

it('what was stored while the line was cut is announced when it is mended', async () => {
  const mine: string[] = [];
  const wakeUps = new PostgresWakeUps(log.log.options, {
    wake: () => undefined,
    heard: (cause) => mine.push(cause ? 'deaf' : 'listening'),
  });
  onTestFinished(() => wakeUps.close());
  await eventually(() => expect(mine).toEqual(['listening']));
  const stranger = await log.stranger();
  const { rows } = await stranger.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'troupe wake-up' AND query LIKE '%' || $1 || '%'`,
    [wakeUpChannel(log.log.schema)],
  );
  const told: number[] = [];
  const other = new PostgresWakeUps(log.log.options, {
    wake: (position) => void (position !== undefined && told.push(position)),
    heard: () => undefined,
  });
  onTestFinished(() => other.close());
  await stranger.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
  await eventually(() => expect(mine).toEqual(['listening', 'deaf']));
  wakeUps.announce(7);
  await eventually(() => expect(told).toEqual([7]));
});
