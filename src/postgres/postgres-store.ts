import pg from 'pg';
import { SetupError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { AppendBatch, AppendResult } from '../store/append.js';
import type { Operations } from '../store/operations.js';
import type { KeyedCommand, StoredOutcome } from '../store/outcomes.js';
import { isOwnedByAnother } from '../store/ownership.js';
import type { SnapshotRow } from '../store/snapshots.js';
import type {
  FindCommands,
  Head,
  LoadedStream,
  LoadRequest,
  LogEnd,
  LogHead,
  PageRequest,
  Store,
  StreamName,
  VersionRange,
  Writer,
} from '../store/store.js';
import {
  beginSql,
  CommitConnection,
  clientClass,
  clientConfig,
  prepareSession,
  run,
} from './connection.js';
import { type LockWatch, settlePage, untilSettled } from './gap.js';
import { InlineAppends } from './inline-append.js';
import { lockClass, quoted } from './names.js';
import { OpenClients } from './open-clients.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { postgresOperations } from './postgres-operations.js';
import { read } from './read.js';
import { statements, unnamedStatements } from './statements/index.js';
import { nextSweep } from './statements/outcomes.js';
import { appendFailure, readFailure } from './translate-error.js';

/** What a store may be given beside its options. */
export interface PostgresContext {
  readonly credentials?: Credentials | undefined;
  /** Told when a hole in the log stays open for more than five seconds, with the backends that hold it. */
  readonly onStalled?: (after: number, pids: readonly number[]) => void;
}

/** Connections for recovery, snapshots and reading, per thread. */
const POOL_SIZE = 2;
/** Longest wait for the running appends of an owner that is gone. */
const OWNER_LOCK_TIMEOUT_MS = 3000;

/** The log in Postgres, as one thread sees it: one commit connection and a small pool for all else. */
export class PostgresStore implements Store {
  private readonly commit: CommitConnection;
  private readonly inline: InlineAppends;
  private readonly pool: pg.Pool;
  private readonly sql: ReturnType<typeof statements>;
  readonly operations: Operations;
  private readonly lockWatch: LockWatch;
  private readonly clients = new OpenClients();
  private closing: Promise<void> | undefined;
  /** Page of the outcomes at which the next sweep begins. */
  private sweepFrom = 0;

  constructor(
    private readonly options: ResolvedPostgres,
    context: PostgresContext = {},
  ) {
    const forSchema = options.namedStatements ? statements : unnamedStatements;
    this.sql = forSchema(quoted(options.schema), lockClass(options.schema));
    const Client = this.clients.noted(clientClass(context.credentials));
    const commits = (pipeline: boolean): CommitConnection =>
      new CommitConnection(
        () => new Client({ ...clientConfig(options, 'commit'), pipeline }),
        (client) => prepareSession(client, options),
      );
    this.commit = commits(false);
    this.inline = new InlineAppends(commits(true), this.sql.appendInline, options.schema);
    this.pool = new pg.Pool({
      ...clientConfig(options, 'recovery'),
      Client,
      max: POOL_SIZE,
      idleTimeoutMillis: 60_000,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg-pool waits for it, which its types do not say
      onConnect: (client) => prepareSession(client, options),
    });
    this.pool.on('error', () => undefined); // an idle connection was lost: the next query makes another
    this.operations = postgresOperations(this.pool, this.sql);
    this.lockWatch = {
      holders: () => read(this.pool, this.sql.appendLockHolders),
      stalled: (after, holders) =>
        context.onStalled?.(
          after,
          holders.flatMap((h) => h.pid ?? []),
        ),
    };
  }

  async registerWriter(lease?: string): Promise<Writer> {
    try {
      return existing(await read(this.pool, this.sql.registerWriter, lease));
    } catch (error) {
      if (lease !== undefined || !isOwnedByAnother(error)) throw error;
      // An owner that is gone leaves its lease behind: once expired, it is nobody's.
      if (!(await read(this.pool, this.sql.endExpired, OWNER_LOCK_TIMEOUT_MS))) throw error;
      return existing(await read(this.pool, this.sql.registerWriter, lease));
    }
  }

  async fence(writerId: number, lastEpoch?: number, lease?: string): Promise<Writer> {
    return this.inTransaction(async (client) => {
      await run(client, this.sql.lockWriter, writerId);
      const raised = await run(client, this.sql.raiseEpoch, writerId);
      if (raised || lastEpoch === undefined) return existing(raised);
      return existing(await run(client, this.sql.restoreWriter, writerId, lastEpoch + 1, lease));
    });
  }

  retireWriter(writerId: number): Promise<void> {
    return read(this.pool, this.sql.retireWriter, writerId);
  }

  async append(writer: Writer, batch: AppendBatch): Promise<AppendResult> {
    if (batch.inline) return this.inline.append(writer, batch, batch.inline);
    let client: pg.Client;
    try {
      client = await this.commit.ready();
    } catch (error) {
      return { kind: 'unavailable', cause: readFailure(error) };
    }
    try {
      return { kind: 'stored', ...(await run(client, this.sql.append, writer, batch)) };
    } catch (error) {
      const failure = appendFailure(error);
      // Where the server cannot serve, another one may by now: a demoted primary keeps its connections.
      if (failure.kind === 'ambiguous' || failure.kind === 'unavailable') this.commit.discard();
      return failure;
    }
  }

  async load(requests: readonly LoadRequest[]): Promise<readonly LoadedStream[]> {
    return (await read(this.pool, this.sql.load, requests))(requests.length);
  }

  async heads(streams: readonly StreamName[]): Promise<readonly Head[]> {
    return (await read(this.pool, this.sql.heads, streams))(streams);
  }

  findOutcomes(commands: readonly KeyedCommand[]): Promise<readonly StoredOutcome[]> {
    return read(this.pool, this.sql.findOutcomes, commands);
  }

  async sweepOutcomes(limit: number): Promise<number> {
    const sweep = await read(this.pool, this.sql.sweepOutcomes, limit, this.sweepFrom);
    this.sweepFrom = nextSweep(this.sweepFrom, sweep, limit);
    return sweep.deleted;
  }

  async findCommands(query: FindCommands): Promise<readonly StoredEvent[]> {
    const incarnation = await read(this.pool, this.sql.incarnation);
    // Another incarnation may have lost positions that this floor counts on.
    return read(
      this.pool,
      this.sql.findCommands,
      incarnation === query.incarnation ? query : { ...query, afterPosition: 0 },
    );
  }

  saveSnapshots(snapshots: readonly SnapshotRow[]): Promise<void> {
    return read(this.pool, this.sql.saveSnapshots, snapshots);
  }

  async readRanges(ranges: readonly VersionRange[]): Promise<readonly (readonly StoredEvent[])[]> {
    return (await read(this.pool, this.sql.readRanges, ranges))(ranges);
  }

  readStream(stream: StreamName, page: PageRequest): Promise<readonly StoredEvent[]> {
    return read(this.pool, this.sql.readStream, stream, page);
  }

  async readAll(page: PageRequest): Promise<readonly StoredEvent[]> {
    const settled = await settlePage(page.after, await read(this.pool, this.sql.readLog, page), {
      ...this.lockWatch,
      range: (after, upTo) => read(this.pool, this.sql.readRange, after, upTo),
    });
    return settled.slice(0, page.limit); // filled holes may have made it longer
  }

  async readHeads(page: PageRequest): Promise<readonly LogHead[]> {
    const settled = await settlePage(
      page.after,
      await read(this.pool, this.sql.readLogHeads, page),
      {
        ...this.lockWatch,
        range: (after, upTo) => read(this.pool, this.sql.readHeadRange, after, upTo),
      },
    );
    return settled.slice(0, page.limit);
  }

  logEnd(writers: readonly number[]): Promise<LogEnd> {
    return read(this.pool, this.sql.logEnd, writers);
  }

  async settledEnd(): Promise<number> {
    const { position } = await this.logEnd([]);
    await untilSettled(position, this.lockWatch);
    return position;
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    await Promise.all([
      this.commit.close(),
      this.inline.close(),
      this.pool.end(),
      this.clients.ended(),
    ]);
  }

  private async inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.pool.connect();
      await client.query(beginSql(this.options));
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client?.release(true); // closing the connection rolls back
      throw readFailure(error);
    }
  }
}

function existing(writer: Writer | undefined): Writer {
  if (!writer)
    throw new SetupError(
      'WriterGone',
      'This writer was removed from the database: start the runtime anew',
    );
  return writer;
}
