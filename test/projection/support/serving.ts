import type { FeedEvent } from '../../../src/dispatcher/subscription.js';
import type {
  RebuildPage,
  RebuildParts,
  ServingCheckpoint,
} from '../../../src/projection/rebuild.js';
import type { View } from '../../../src/projection/view.js';
import { foldBatch } from '../../../src/projection/view-consumer.js';
import { MemoryTimerTable } from '../../../src/store/memory-timer-table.js';
import type { Sql } from '../../../src/store/sql.js';
import type { postgresTables } from './tables-under-test.js';

type Tables = Awaited<ReturnType<typeof postgresTables>>;

const PAGE = 7;

/** A view that is kept up to date by one subscription, over a log that is an array. */
export class Serving implements ServingCheckpoint {
  /** The version of the code that the subscription belongs to. */
  version: number;
  pages = 0;
  private readonly table: string;

  constructor(
    private readonly under: Tables,
    private readonly view: View,
    readonly log: FeedEvent[],
  ) {
    this.version = view.version;
    this.table = `${under.schema}."checkpoint ${view.name}"`;
  }

  async start(): Promise<void> {
    const { sql, tables, transaction } = this.under;
    await sql.query(`CREATE TABLE ${this.table} AS SELECT 0::bigint AS position`);
    await transaction((tx) => tables.prepare(tx, this.view));
  }

  /** Folds the next events into the version that serves, as its subscription does. */
  async advance(views: readonly View[], limit = 3): Promise<void> {
    await this.under.transaction(async (tx) => {
      const after = await this.lock(tx);
      const batch = this.log.filter((event) => event.position > after).slice(0, limit);
      const serving = views.find((view) => view.version === this.version) as View;
      await foldBatch(serving, this.under.tables, batch, tx);
      const upTo = batch.at(-1)?.position ?? after;
      await tx.query(`UPDATE ${this.table} SET position = $1`, [upTo]);
    });
  }

  async position(): Promise<number> {
    const [row] = await this.under.sql.query<{ position: string }>(`SELECT * FROM ${this.table}`);
    return Number(row?.position);
  }

  async lock(tx: Sql): Promise<number> {
    const [row] = await tx.query<{ position: string }>(`SELECT * FROM ${this.table} FOR UPDATE`);
    return Number(row?.position);
  }

  async adopt(_tx: Sql, { version }: { readonly version: number }): Promise<void> {
    this.version = version;
  }

  async read({ after, upTo }: { after: number; upTo: number }): Promise<RebuildPage> {
    this.pages++;
    const due = this.log.filter(({ position }) => position > after && position <= upTo);
    const events = due.slice(0, PAGE);
    return { events, upTo: due.length > PAGE ? (events.at(-1)?.position ?? upTo) : upTo };
  }

  parts(more: Partial<RebuildParts> = {}): RebuildParts {
    const { under } = this;
    return {
      access: { ...under, timers: new MemoryTimerTable(), close: under.stop },
      checkpoint: this,
      read: (range) => this.read(range),
      now: () => Date.now(),
      ...more,
    };
  }
}
