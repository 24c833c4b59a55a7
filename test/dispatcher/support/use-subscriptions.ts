import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { beforeEach, expect, onTestFinished } from 'vitest';
import { readDomain } from '../../../src/aggregate/domain.js';
import { Processor, type ProcessorParts } from '../../../src/dispatcher/processor.js';
import type { Consumer, FeedEvent, Transaction } from '../../../src/dispatcher/subscription.js';
import type { PlainError } from '../../../src/messages/plain-error.js';
import type { PostgresStore } from '../../../src/postgres/postgres-store.js';
import { PostgresSubscriptions } from '../../../src/postgres/subscriptions.js';
import type { EventRow } from '../../../src/store/store.js';
import { eventRow } from '../../contract/batches.js';
import { type PostgresLog, postgresLog } from '../../postgres/support/postgres-log.js';
import { type LogFixture, useLog } from '../../postgres/support/use-log.js';
import { eventually } from '../../support/eventually.js';
import { parcel } from '../../support/parcel.js';

export interface Sink {
  readonly table: string;
  /** What was written, in the order in which it was. */
  rows(): Promise<{ id: string; version: number; position: number; type: string; late: boolean }[]>;
}

export interface SubscriptionsFixture {
  readonly log: LogFixture;
  /** A connection of nobody's. */
  readonly db: pg.Client;
  readonly own: PostgresLog;
  readonly store: PostgresStore;
  readonly subscriptions: PostgresSubscriptions;
  /** A consumer that writes what it gets into a table of its own. */
  sink(name: string, given?: Partial<Consumer>): Promise<Consumer & Sink>;
  /** Runs consumers in this thread; stopped after the test. */
  run(consumers: readonly Consumer[], given?: Partial<ProcessorParts>): Running;
  /** Appends, and returns positions. */
  append(rows: readonly EventRow[]): Promise<readonly number[]>;
}

export interface Running {
  readonly processor: Processor;
  readonly told: string[];
  /** Causes, by message. */
  readonly causes: (PlainError | undefined)[];
  readonly blamed: Set<string>;
}

/** Each test has a log of its own. */
export function useSubscriptions(): SubscriptionsFixture {
  const log = useLog();
  const it = { log } as { -readonly [K in keyof SubscriptionsFixture]: SubscriptionsFixture[K] };

  beforeEach(async () => {
    const url = log.log.options.url;
    const own = await postgresLog(url);
    it.own = own;
    it.store = own.open();
    it.db = await log.stranger();
    it.subscriptions = open();
    const { store } = it;
    onTestFinished(() => store.close());
  });

  const open = (leaseMs = 1500): PostgresSubscriptions => {
    const subscriptions = new PostgresSubscriptions(it.own.options, {
      leaseMs,
      connections: 5,
    });
    onTestFinished(() => subscriptions.close());
    return subscriptions;
  };

  it.append = async (rows) => {
    const writer = await it.store.registerWriter();
    const batch = { rows, assertions: [], outcomes: [], lockTimeoutMs: 1000 };
    const result = await it.store.append(writer, batch);
    if (result.kind !== 'stored') throw result.cause;
    return result.positions;
  };

  it.sink = async (name, given = {}) => {
    const table = `${it.own.schema}.sink_${randomBytes(4).toString('hex')}`;
    await it.db.query(
      `CREATE TABLE ${table} (n serial, id text, version int, position bigint, type text, late bool)`,
    );
    const take = (late: boolean) => (events: readonly FeedEvent[], tx: Transaction) =>
      write(tx, table, events, late);
    const { db } = it;
    return {
      ...{ name, version: 1, fingerprint: 'a', from: 'beginning' },
      filter: { aggregates: 'all' },
      handle: take(false),
      handleLate: take(true),
      ...given,
      table,
      async rows() {
        const { rows } = await db.query(
          `SELECT id, version, position::int, type, late FROM ${table} ORDER BY n`,
        );
        return rows;
      },
    };
  };

  it.run = (consumers, given = {}) => {
    const told: string[] = [];
    const causes: (PlainError | undefined)[] = [];
    const blamed = new Set<string>();
    const processor = new Processor({
      domain: readDomain({ parcel }, 'the test'),
      consumers,
      store: it.store,
      subscriptions: open(given.leaseMs),
      owner: `owner-${randomBytes(4).toString('hex')}`,
      leaseMs: 1500,
      retry: { attempts: 2, firstMs: 5, maxMs: 10 },
      blame: (index) => ({
        enter: (from, upTo) => void blamed.add(`${consumers[index]!.name} ${from}-${upTo}`),
        leave: () => undefined,
      }),
      changed: () => undefined,
      tell(kind, message, cause) {
        told.push(`${kind}: ${message}`);
        causes.push(cause);
      },
      ...given,
    });
    onTestFinished(() => processor.stop());
    return { processor, told, causes, blamed };
  };
  return it;
}

/** Writes events into a sink; multi-row, as a view would. */
export async function write(
  tx: Transaction,
  table: string,
  events: readonly FeedEvent[],
  late = false,
): Promise<void> {
  await tx.query(
    `INSERT INTO ${table} (id, version, position, type, late)
     SELECT id, version, position, type, $5 FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[])
       WITH ORDINALITY AS r(id, version, position, type, n) ORDER BY n`,
    [
      events.map((e) => e.id),
      events.map((e) => e.version),
      events.map((e) => e.position),
      events.map((e) => e.type),
      late,
    ],
  );
}

/** Events of many streams: `count` streams with `each` events, stream by stream. */
export function manyRows(aggregate: string, count: number, each: number): EventRow[] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: each }, (_, v) =>
      eventRow({ aggregate, id: `s${String(i).padStart(4, '0')}` }, v + 1),
    ),
  ).flat();
}

export async function untilHandled(sink: Sink, count: number): Promise<void> {
  await eventually(async () => expect(await sink.rows()).toHaveLength(count));
}
