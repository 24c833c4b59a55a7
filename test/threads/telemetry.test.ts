import { channel } from 'node:diagnostics_channel';
import type { AppendRecord, Metrics, RecoveryRecord, Runtime, SnapshotRecord } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FromShard } from '../../src/threads/protocol.js';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { idOn, shardsOf } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { tallyOf } from './support/workload.js';

const db = useDatabase();
const add = (token: string, times = 1) => ({ type: 'add', data: { token, times } }) as const;

/** Subscribes to a channel of this thread until the test ends. */
function listen<Record>(name: string): Record[] {
  const heard: Record[] = [];
  const note = (record: unknown) => void heard.push(record as Record);
  channel(name).subscribe(note);
  onTestFinished(() => void channel(name).unsubscribe(note));
  return heard;
}

/** Counts the records that cross from the shards of a runtime. */
function countRecords(runtime: Runtime): () => number {
  let records = 0;
  for (const shard of shardsOf(runtime)) {
    const inside = shard as unknown as { receive(message: FromShard): void };
    const receive = inside.receive.bind(shard);
    inside.receive = (message) => {
      records += message.records?.length ?? 0;
      receive(message);
    };
  }
  return () => records;
}

const until = (check: () => void | Promise<void>) => eventually(check);

describe('channels of shard threads', () => {
  it('reach subscribers in the host, with shard and ids, and without payloads', async () => {
    const appends = listen<AppendRecord>('troupe:append');
    const recoveries = listen<RecoveryRecord>('troupe:recovery');
    const snapshots = listen<SnapshotRecord>('troupe:snapshot');
    const runtime = await db.start({ shards: 2 });
    const id = idOn(1, 2);
    await tallyOf(runtime).send(id, add('secret-token', 120), { commandId: 'many' });
    await until(() => expect(snapshots).toHaveLength(1));
    expect(recoveries).toMatchObject([
      { shard: 1, aggregate: 'tally', id, kind: 'cold', result: 'activated', events: 0 },
    ]);
    const [stored] = appends.filter((append) => append.events > 0);
    expect(stored).toMatchObject({ shard: 1, result: 'stored', events: 120, commandIds: ['many'] });
    expect(stored?.positions).toEqual([1, 120]);
    expect(snapshots[0]).toMatchObject({ shard: 1, result: 'written', streams: [{ id }] });
    expect(JSON.stringify([appends, recoveries, snapshots])).not.toContain('secret-token');
  });

  it('cross to the host only while it listens', async () => {
    const runtime = await db.start();
    const records = countRecords(runtime);
    await tallyOf(runtime).send('a', add('t'));
    await tallyOf(runtime).send('b', add('t'));
    expect(records()).toBe(0);
    const appends = listen<AppendRecord>('troupe:append');
    // Told with the next message to the shard, or within a quarter of a second.
    await until(async () => {
      await tallyOf(runtime).send('a', add('t'));
      expect(appends.length).toBeGreaterThan(0);
    });
    expect(records()).toBeGreaterThan(0);
  });

  it('are heard from the thread that replaces another', async () => {
    const recoveries = listen<RecoveryRecord>('troupe:recovery');
    const runtime = await db.start();
    await tallyOf(runtime).send('a', add('t'));
    await tallyOf(runtime).send('a', { type: 'exit', data: { token: 't', deaths: 1 } });
    await until(() => expect(recoveries.map(({ id }) => id)).toEqual(['a', 'a']));
  });
});

describe('runtime.metrics', () => {
  it('sums the figures of all shards', async () => {
    const runtime = await db.start({ shards: 2 });
    for (const [shard, times] of [
      [0, 3],
      [1, 5],
    ] as const)
      for (let i = 0; i < times; i++) await tallyOf(runtime).send(idOn(shard, 2), add('t', 2));
    await tallyOf(runtime).trySend('other', { type: 'take', data: { token: 't' } });
    const { total, shards } = await runtime.metrics();
    expect(shards.map(({ condition }) => condition)).toEqual(['running', 'running']);
    expect(total.commands).toMatchObject({ accepted: 8, rejected: 1 });
    expect(total.appendEvents.sum).toBe(16);
    const [first, second] = shards.map(({ metrics }) => metrics) as [Metrics, Metrics];
    expect([first.commands.accepted, second.commands.accepted]).toEqual([3, 5]);
    expect(total.commandDuration.count).toBe(9);
    for (const name of ['actors', 'activations', 'heapUsed', 'commandsInFlight'] as const)
      expect(total[name]).toBe(first[name] + second[name]);
    for (const name of ['queueWait', 'appendDuration', 'commandDuration'] as const)
      expect(total[name].count).toBe(first[name].count + second[name].count);
    expect(first.heapUsed).toBeGreaterThan(1_000_000);
    expect(first.actors + second.actors).toBe(2);
  });

  it('shows a blocked shard with its last figures, and what blocks it', async () => {
    const runtime = await db.start({ shards: 2 });
    const id = idOn(0, 2);
    await tallyOf(runtime).send(id, add('t', 7));
    const end = flag();
    const spin = { type: 'spin', data: { token: 't', file: end.path } } as const;
    const sent = tallyOf(runtime).send(id, spin);
    await end.reached();
    const { shards, total } = await runtime.metrics();
    expect(shards).toMatchObject([
      { condition: 'blocked', phase: 'decide', metrics: { commandsInFlight: 1 } },
      { condition: 'running', phase: 'none' },
    ]);
    expect(shards[0]?.metrics.appendEvents.sum).toBe(7);
    expect(total.commandsInFlight).toBe(1);
    end.raise();
    await sent;
    await until(async () => {
      const after = await runtime.metrics();
      expect(after.shards[0]).toMatchObject({ condition: 'running', phase: 'none' });
      expect(after.total.appendEvents.sum).toBe(8);
    });
  });

  it('counts on when a thread is replaced, and counts that', async () => {
    const runtime = await db.start();
    await tallyOf(runtime).send('a', add('t', 4));
    await tallyOf(runtime).send('a', { type: 'exit', data: { token: 't', deaths: 1 } });
    const { total } = await runtime.metrics();
    expect(total).toMatchObject({ restarts: 1, activations: 2, commands: { accepted: 2 } });
    expect(total.appendEvents.sum).toBe(5);
  });

  it('counts refusals by code, and overloads by the bound they met', async () => {
    const runtime = await db.start({ maxInFlight: 2 });
    const client = tallyOf(runtime);
    const calls = Array.from({ length: 5 }, () => client.send('a', add('t')));
    await Promise.allSettled(calls);
    await client.send('a', add('t'), { expectedVersion: 9 }).catch(() => undefined);
    const { total } = await runtime.metrics();
    expect(total.commands).toMatchObject({ accepted: 2, refused: 4 });
    expect(total.refusals).toMatchObject({ Overloaded: 3, VersionConflict: 1, other: 0 });
    expect(total.overloads).toEqual({ mailbox: 0, shard: 3 });
  });

  it('shows the last figures of a runtime that has stopped', async () => {
    const runtime = await db.start();
    await tallyOf(runtime).send('a', add('t'));
    await runtime.stop();
    const { shards, total } = await runtime.metrics();
    expect(shards[0]?.condition).toBe('stopped');
    expect(total.commands.accepted).toBe(1);
  });
});

describe('the logger of a runtime', () => {
  interface Line {
    readonly level: string;
    readonly fields: Record<string, unknown>;
    readonly message: string;
  }

  function recorder(levels: readonly string[]) {
    const lines: Line[] = [];
    const at = (level: string) => (fields: object, message: string) =>
      void lines.push({ level, fields: { ...fields }, message });
    const all = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    return { lines, logger: { ...all, isLevelEnabled: (level: string) => levels.includes(level) } };
  }

  it('hears of all threads: starts, restarts, and in detail what was cut out of batches', async () => {
    const { lines, logger } = recorder(['debug', 'info', 'warn', 'error']);
    const runtime = await db.start({ shards: 2, logger });
    const id = idOn(1, 2);
    await tallyOf(runtime).send(id, add('secret-token'));
    await db.admin.query(
      `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       SELECT slice, aggregate, id, 2, type, data, metadata, 'foreign', now() FROM ${db.schema}.events`,
    );
    await tallyOf(runtime).send(id, add('secret-token'));
    const cutOut = { shard: 1, aggregate: 'tally', id, reason: 'conflict', retries: 1 };
    await until(() => {
      expect(lines).toContainEqual(expect.objectContaining({ level: 'debug', fields: cutOut }));
    });
    const starts = lines.filter(({ level, message }) => level === 'info' && /runs$/.test(message));
    expect(starts.map(({ fields }) => fields.shard).sort()).toEqual([0, 1]);
    await tallyOf(runtime).send(id, { type: 'exit', data: { token: 'secret-token', deaths: 1 } });
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ shard: 1, event: 'degraded' }) as object,
      }),
    );
    expect(JSON.stringify(lines)).not.toContain('secret-token');
  });

  it('is sent nothing that it does not want', async () => {
    const { lines, logger } = recorder(['error']);
    const runtime = await db.start({ logger });
    const records = countRecords(runtime);
    await tallyOf(runtime).send('a', add('t'));
    await db.admin.query(
      `INSERT INTO ${db.schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
       SELECT slice, aggregate, id, 2, type, data, metadata, 'foreign', now() FROM ${db.schema}.events`,
    );
    await tallyOf(runtime).send('a', add('t'));
    const { total } = await runtime.metrics();
    expect(total.conflicts).toBe(1);
    expect(records()).toBe(0);
    expect(lines.filter(({ level }) => level === 'debug')).toEqual([]);
  });
});
