import pg from 'pg';
import {
  defineAggregate,
  type PostgresOptions,
  type Runtime,
  type RuntimeOptions,
  startRuntime,
  upsert,
} from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { ForeignCommits } from '../../src/dispatcher/foreign-commits.js';
import { wakeUpChannel } from '../../src/postgres/wake-ups.js';
import type { Store } from '../../src/store/store.js';
import { eventRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { insertEvent } from '../support/use-shards.js';

describe.each([{ wakeUps: true }, { wakeUps: false }])('with %o', ({ wakeUps }) => {
  it('the commit of one runtime reaches the cached actor of another', async () => {
    const [a, b] = await start({ wakeUps });
    await b.note('x');
    for (let version = 2; version <= 6; version++) {
      await a.note('x');
      await b.hasSeen('x', version);
    }
    await b.note('x');
    // Decided once each, on all there was: no conflict.
    expect(await b.attempts('x')).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('an actor', () => {
  it('H30 hears of what a script appends past every runtime, though nothing tells of it', async () => {
    const [a] = await start();
    await a.note('x');
    await insertNote(await connection(), a.schema, { id: 'x', version: 2 });
    await a.hasSeen('x', 2);
  });

  it('that is not in memory is left there', async () => {
    const [a, b] = await start();
    await b.note('known');
    await a.note('unknown');
    await a.note('known');
    await b.hasSeen('known', 2);
    expect(b.seen('unknown')).toBeUndefined();
  });

  it('waits behind a transaction that stays open, and the process that keeps it open is named', async () => {
    const [a, b] = await start();
    const told: string[] = [];
    a.runtime.on('warning', ({ message }) => told.push(message));
    const stranger = await connection();
    await stranger.query('BEGIN');
    await insertNote(stranger, a.schema, { id: 'held', version: 1 });
    const { rows } = await stranger.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await b.note('x');
    await eventually(() =>
      expect(told).toContainEqual(expect.stringMatching(`backend ${rows[0]!.pid} has held`)),
    );
    await stranger.query('ROLLBACK');
  });

  it('learns of an event below a later one when that is committed, and misses neither', async () => {
    const [a, b] = await start();
    await b.note('late');
    await b.note('early');
    const reads = b.readsOfHeads();
    const stranger = await connection();
    await stranger.query('BEGIN');
    await insertNote(stranger, a.schema, { id: 'late', version: 2 });
    const { position } = await a.note('early');
    await eventually(() => expect(reads.some(({ after }) => after < position - 1)).toBe(true));
    expect(b.foreign.progress.mark).toBeLessThan(position - 1);
    expect(b.seen('early')).toBe(1);
    await stranger.query('COMMIT');
    await b.hasSeen('late', 2);
    await b.hasSeen('early', 2);
  });
});

describe('a lost line', () => {
  it('loses no event, however often it is lost, and is mended', async () => {
    const [a, b] = await start();
    const db = await connection();
    await b.note('x');
    for (let version = 2; version <= 6; version++) {
      for (const pid of await untilListening(db, a.schema, 2))
        await db.query('SELECT pg_terminate_backend($1)', [pid]);
      await a.note('x');
      await b.hasSeen('x', version);
    }
    await untilListening(db, a.schema, 2);
    await b.note('x');
    expect(await b.attempts('x')).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('is told of once, and once that it is mended', async () => {
    const [a] = await start();
    const db = await connection();
    const told: string[] = [];
    a.runtime.on('warning', ({ message }) => told.push(message));
    // Those of both runtimes, for which is whose cannot be seen; and again, while they are mended.
    for (let times = 0; times < 2; times++)
      for (const pid of await untilListening(db, a.schema, 2))
        await db.query('SELECT pg_terminate_backend($1)', [pid]);
    await eventually(() => expect(told.at(-1)).toBe('wake-ups are heard again'));
    expect(told[0]).toMatch(/^no wake-ups are heard: /);
  });

  it('leaves nothing behind when the runtime is stopped meanwhile', async () => {
    const [a] = await start();
    const db = await connection();
    const pids = await untilListening(db, a.schema, 2);
    for (const pid of pids) await db.query('SELECT pg_terminate_backend($1)', [pid]);
    await a.runtime.stop();
    await untilListening(db, a.schema, 1); // that of the other
  });
});

describe('notifications', () => {
  it('are not part of an append, few, and carry a position', async () => {
    const [a, b] = await start();
    const db = await connection();
    const heard: { payload?: string | undefined; processId: number }[] = [];
    db.on('notification', (notification) => heard.push(notification));
    await untilListening(db, a.schema, 2);
    await db.query(`LISTEN "${wakeUpChannel(a.schema)}"`);
    await b.note('x');
    await eventually(() => expect(heard.length).toBeGreaterThan(0));
    const before = heard.length;
    const receipts = [];
    for (let i = 0; i < 200; i++) receipts.push(await a.note('y'));
    const last = receipts.at(-1)!.position;
    await eventually(() => expect(heard.at(-1)!.payload).toBe(String(last)));
    expect(heard.length - before).toBeLessThan(200);
    const listeners = await untilListening(db, a.schema, 2);
    for (const { processId } of heard) expect(listeners).toContain(processId);
  });

  it('are not sent by a runtime that is alone, nor with wakeUps: false', async () => {
    for (const options of [{ runtimes: 1 }, { wakeUps: false }]) {
      const [a] = await start(options);
      const db = await connection();
      const heard: unknown[] = [];
      db.on('notification', (notification) => heard.push(notification));
      await db.query(`LISTEN "${wakeUpChannel(a.schema)}"`);
      await untilListening(db, a.schema, options.runtimes ?? 0);
      for (let i = 0; i < 20; i++) await a.note('x');
      await a.runtime.stop(); // would tell the last
      await db.query('SELECT 1');
      expect(heard).toEqual([]);
    }
  });
});

describe('a runtime that is alone', () => {
  it('reads nothing of what it wrote itself', async () => {
    const [a] = await start({ runtimes: 1 });
    const reads = a.readsOfHeads();
    let position = 0;
    for (let i = 0; i < 300; i++) position = (await a.note(`id-${i % 10}`)).position;
    await eventually(() => expect(a.foreign.progress.mark).toBe(position));
    // What was stored and not yet answered when it looked may be read: a batch at most.
    expect(reads.length).toBeLessThan(10);
  });
});

interface Subject {
  readonly runtime: Runtime;
  readonly schema: string;
  readonly foreign: ForeignCommits;
  note(id: string): Promise<{ readonly position: number }>;
  /** The highest version that an actor of this runtime has evolved. */
  seen(id: string): number | undefined;
  /** Resolves when an actor of this runtime has evolved this version. */
  hasSeen(id: string, version: number): Promise<void>;
  /** The attempt in which each event of a stream was decided. */
  attempts(id: string): Promise<number[]>;
  /** The reads of others' events from now on. */
  readsOfHeads(): readonly { readonly after: number }[];
}

async function start({
  runtimes = 2,
  wakeUps = true,
}: {
  runtimes?: number;
  wakeUps?: boolean;
} = {}): Promise<[Subject, Subject]> {
  const schema = freshSchema();
  const store: PostgresOptions = { kind: 'postgres', url: databaseUrl(), schema, wakeUps };
  const all = await Promise.all(Array.from({ length: runtimes }, () => startOne(store)));
  return all as [Subject, Subject];
}

async function startOne(store: PostgresOptions): Promise<Subject> {
  const seen = new Map<string, number>();
  const meter = meterOf(seen);
  const options: RuntimeOptions = { domain: { meter }, store, shards: 0 };
  const runtime = await startRuntime(options);
  onTestFinished(() => runtime.stop());
  const { parts } = runtime as unknown as { parts: { foreign: ForeignCommits; store: Store } };
  const meters = runtime.aggregate(meter);
  return {
    ...{ runtime, schema: store.schema as string, foreign: parts.foreign },
    note: (id) => meters.send(id, { type: 'note', data: {} }),
    seen: (id) => seen.get(id),
    hasSeen: (id, version) => eventually(() => expect(seen.get(id)).toBe(version)),
    async attempts(id) {
      const attempts: number[] = [];
      for await (const { data } of meters.events(id)) attempts.push(data.attempt);
      return attempts;
    },
    readsOfHeads() {
      const reads: { after: number }[] = [];
      const real = parts.store.readHeads.bind(parts.store);
      parts.store.readHeads = (page) => {
        reads.push(page);
        return real(page);
      };
      return reads;
    },
  };
}

/** An aggregate whose events say in which attempt they were decided, and that tells what is evolved. */
function meterOf(seen: Map<string, number>) {
  return defineAggregate({
    name: 'meter',
    commands: { note: upsert(z.object({})) },
    events: { noted: z.object({ attempt: z.int() }) },
    initialState: {},
    decide: { note: (_state, _data, { attempt, event }) => [event.noted({ attempt })] },
    evolve: { noted: (_state, _data, { id, version }) => void seen.set(id, version) },
  });
}

function insertNote(
  db: pg.Client,
  schema: string,
  { id, version }: { id: string; version: number },
): Promise<void> {
  const stream = { aggregate: 'meter', id };
  return insertEvent(
    db,
    schema,
    eventRow(stream, version, { type: 'noted', data: '{"attempt":1}' }),
  );
}

async function connection(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl(), application_name: 'outsider' });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Resolves when so many runtimes listen for wake-ups of a schema; with their process ids. */
function untilListening(db: pg.Client, schema: string, count: number): Promise<number[]> {
  return eventually(async () => {
    const { rows } = await db.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = 'troupe wake-up' AND query LIKE '%' || $1 || '%'`,
      [wakeUpChannel(schema)],
    );
    expect(rows).toHaveLength(count);
    return rows.map((row) => row.pid);
  });
}
