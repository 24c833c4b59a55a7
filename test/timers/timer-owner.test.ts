import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readDomain } from '../../src/aggregate/domain.js';
import { Processor } from '../../src/dispatcher/processor.js';
import type { Clock } from '../../src/internal/clock.js';
import { CommandFailed } from '../../src/messages/errors.js';
import { PostgresTimers } from '../../src/postgres/postgres-timers.js';
import { SqlConnections } from '../../src/postgres/sql-connections.js';
import { PostgresSubscriptions } from '../../src/postgres/subscriptions.js';
import type { Send, SentCommand } from '../../src/projection/send.js';
import { timerOwners, timerSources } from '../../src/timers/timers.js';
import { eventually } from '../support/eventually.js';
import type { ShardUnderTest } from '../support/shard-under-test.js';
import { useShards } from '../support/use-shards.js';
import { close, forget, note, remind, ring, write } from './support/note.js';

const shards = useShards({ note });
const YEAR_9999 = Date.UTC(9999, 0);

interface Given {
  readonly clock?: Clock;
  readonly pageSize?: number;
  readonly leaseMs?: number;
  /** Instead of sending a command. */
  send?(sent: SentCommand, go: () => ReturnType<Send>): ReturnType<Send>;
}

/** A process that owns timers, on a shard of its own. */
async function run(shard: ShardUnderTest, given: Given = {}) {
  const domain = readDomain({ note }, 'the test');
  const sent: SentCommand[] = [];
  const told: string[] = [];
  const send: Send = (definition, command) => {
    sent.push(command);
    const { id, command: body, idempotencyKey, ...metadata } = command;
    const go = () =>
      shard.client(definition).send(id, body, { idempotencyKey, metadata }) as ReturnType<Send>;
    return given.send ? given.send(command, go) : go();
  };
  const sql = new SqlConnections(shards.options);
  const table = new PostgresTimers(sql, shards.schema);
  const { clock = { now: Date.now }, pageSize = 10, leaseMs = 1500 } = given;
  const retry = { attempts: 2, firstMs: 5, maxMs: 10 };
  const owners = timerOwners(timerSources(domain, send), { table, clock, pageSize, retry });
  const subscriptions = new PostgresSubscriptions(shards.options, { leaseMs, connections: 4 });
  const processor = new Processor({
    ...{ domain, subscriptions, leaseMs, owner: randomUUID(), store: shards.open() },
    consumers: owners.map(({ index }) => index),
    blame: () => ({ enter: () => undefined, leave: () => undefined }),
    changed: () => undefined,
    tell: (_kind, message) => void told.push(message),
  });
  let stopped: Promise<unknown> | undefined;
  const stop = () => {
    stopped ??= processor.stop().then(() => Promise.all([subscriptions.close(), sql.close()]));
    return stopped;
  };
  onTestFinished(() => stop() as Promise<never>);
  return { table, sent, told, stop, wake: () => processor.wake(), owner: owners[0]! };
}

const rung = async (id: string) =>
  (await shards.log(id, 'note'))
    .filter(({ type }) => type === 'rang')
    .map(({ data }) => (data as { key: string }).key);
const rows = async (id: string) => {
  const { rows } = await shards.db.query<{ key: string; failure: { message: string } | null }>(
    `SELECT key, failure FROM ${shards.schema}.timers WHERE id = $1 ORDER BY key`,
    [id],
  );
  return rows;
};

describe('the owner of timers', () => {
  it('fires each when it is due, once, and what is overdue in due order', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const id = shards.id();
    const now = Date.now();
    for (let i = 0; i < 30; i++) await notes.create(remind(`k${i}`, now - 1000 * i), { id });
    await notes.create(remind('soon', now + 300), { id });
    const it = await run(shard);
    await eventually(async () => expect(await rung(id)).toHaveLength(31));
    const overdue = Array.from({ length: 30 }, (_, i) => `k${29 - i}`);
    expect(await rung(id)).toEqual([...overdue, 'soon']);
    expect(it.sent).toHaveLength(31);
    await eventually(async () => expect(await rows(id)).toEqual([]));
    await it.stop();
    await run(shard); // nothing is left for the next one
    const last = shards.id();
    await notes.create(remind('x', Date.now()), { id: last });
    await eventually(async () => expect(await rung(last)).toHaveLength(1));
    expect(await rung(id)).toHaveLength(31);
  });

  it('is woken by an earlier timer out of a sleep longer than 2^31 ms', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const it = await run(shard);
    const id = shards.id();
    await notes.create(remind('late', YEAR_9999), { id });
    await eventually(() => expect(it.owner.nextDue).toBe(YEAR_9999));
    await notes.create(remind('early', Date.now() + 50), { id });
    await eventually(async () => expect(await rung(id)).toEqual(['early']));
    expect(it.sent).toHaveLength(1);
    await notes.send(id, forget('late'));
    await eventually(() => expect(it.owner.nextDue).toBeUndefined());
  });

  it('holds a few pages of however many there are', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const id = shards.id();
    await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        notes.create(remind(`k${i}`, YEAR_9999 - (i % 7) * 1000 - i), { id }),
      ),
    );
    const it = await run(shard);
    await eventually(async () => expect(await rows(id)).toHaveLength(300));
    await eventually(() => expect(it.owner.nextDue).toBeLessThan(YEAR_9999));
    expect(it.owner.size).toBeLessThanOrEqual(20);
    const now = Date.now();
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => notes.create(remind(`k${i}`, now), { id })),
    );
    await eventually(async () => expect(new Set(await rung(id)).size).toBe(300));
    expect(await rung(id)).toHaveLength(300);
  }, 60_000);

  it('fires nothing that was cancelled, though its row still says so (H42)', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const [id, other] = [shards.id(), shards.id()];
    await notes.create(write(), { id });
    await notes.send(id, remind('a', YEAR_9999));
    await notes.send(id, forget('a'));
    const one = await run(shard);
    await notes.create(remind('y', Date.now()), { id: other });
    await eventually(async () => expect(await rung(other)).toHaveLength(1));
    expect(await rows(id)).toEqual([]);
    await one.stop();
    await shards.db.query(
      `INSERT INTO ${shards.schema}.timers (source, id, key, generation, due_at, position, payload)
       VALUES ('$timers/note', $1, 'a', 1, now(), 1, $2)`,
      [id, JSON.stringify({ ...ring('a'), causationId: 'c' })],
    );
    const two = await run(shard);
    await eventually(() => expect(two.sent).toHaveLength(1));
    await notes.create(remind('z', Date.now()), { id: other });
    await eventually(async () => expect(await rung(other)).toHaveLength(2));
    expect(await rung(id)).toEqual([]);
    await shards.db.query(`DELETE FROM ${shards.schema}.timers WHERE id = $1`, [id]);
  }, 60_000);

  it('is one of two processes; the other takes over', async () => {
    const [shard, other] = [await shards.start(), await shards.start()];
    const one = await run(shard, { leaseMs: 4000 });
    const id = shards.id();
    await shard.client(note).create(remind('a', Date.now()), { id });
    await eventually(async () => expect(await rung(id)).toEqual(['a']));
    const two = await run(other, { leaseMs: 4000 });
    await shard.client(note).create(remind('b', Date.now() + 100), { id });
    await eventually(async () => expect(await rung(id)).toEqual(['a', 'b']));
    expect(two.sent).toEqual([]);
    await one.stop();
    await shard.client(note).create(remind('c', Date.now()), { id });
    await eventually(async () => expect(await rung(id)).toEqual(['a', 'b', 'c']));
    // What fired just before may be sent again, and does nothing.
    expect(two.sent.map((sent) => sent.command.data)).toContainEqual({ key: 'c' });
  }, 60_000);

  it('sends again when the answer was lost, and it fires once', async () => {
    const shard = await shards.start();
    let lost = 0;
    const id = shards.id();
    await shard.client(note).create(remind('a', Date.now()), { id });
    const it = await run(shard, {
      async send(_sent, go) {
        await go();
        if (lost++ < 3) throw Object.assign(new Error('lost'), { outcome: 'unknown' });
        return go();
      },
    });
    await eventually(async () => expect(await rung(id)).toEqual(['a']));
    await eventually(async () => expect(await rows(id)).toEqual([]));
    expect(await rung(id)).toEqual(['a']);
    expect(it.told).toEqual([]);
  });

  it('sends a rejected one once: it has fired', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    await notes.send(id, close);
    await notes.send(id, remind('b', Date.now()));
    const it = await run(shard);
    await eventually(async () => {
      const log = await shards.log(id, '$timers/note');
      expect(log.at(-1)).toMatchObject({ type: 'fired', data: { rejection: { code: 'CLOSED' } } });
    });
    await eventually(async () => expect(await rows(id)).toEqual([]));
    expect(it.sent).toHaveLength(1);
  });

  it('gives one up whose command fails, says so, shows it, and tries again when one starts anew', async () => {
    const shard = await shards.start();
    const notes = shard.client(note);
    const [id, other] = [shards.id(), shards.id()];
    await notes.create(remind('bad', Date.now()), { id });
    await notes.create(remind('good', Date.now()), { id: other });
    const it = await run(shard, {
      send: (sent, go) =>
        sent.id === id
          ? Promise.reject(
              new CommandFailed('it burns', {}, { name: 'Error', message: 'it burns' }),
            )
          : go(),
    });
    await eventually(() => expect(it.told).toHaveLength(1));
    expect(it.told[0]).toBe(
      `The timer bad of $timers/note/${id} failed 2 times and waits: it burns`,
    );
    expect(await rows(id)).toMatchObject([{ key: 'bad', failure: { message: 'it burns' } }]);
    const listed = await it.table.list({ source: '$timers/note', id, limit: 10 });
    expect(listed).toMatchObject([{ key: 'bad', failure: { message: 'it burns' } }]);
    expect(await rung(other)).toEqual(['good']);
    await it.stop();
    await run(shard);
    await eventually(async () => expect(await rung(id)).toEqual(['bad']));
  });

  it('follows a clock that is set', async () => {
    const shard = await shards.start();
    const id = shards.id();
    let ahead = 0;
    const due = Date.now() + 3_600_000;
    await shard.client(note).create(remind('a', due), { id });
    const it = await run(shard, { clock: { now: () => Date.now() + ahead } });
    await eventually(() => expect(it.owner.nextDue).toBe(due));
    ahead = -3_600_000;
    await shard.client(note).create(remind('b', Date.now() - 3_600_000), { id });
    await eventually(async () => expect(await rung(id)).toEqual(['b']));
    ahead = 3_600_000; // nothing is told of it: the alarm looks now and then
    await eventually(async () => expect(await rung(id)).toEqual(['b', 'a']));
  }, 30_000);
});
