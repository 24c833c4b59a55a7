import pg from 'pg';
import { SetupError, TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { PlainError } from '../messages/plain-error.js';
import type { IndexName } from '../store/indexes.js';
import type { PageRequest, StreamName } from '../store/store.js';
import type {
  Batch,
  Checkpoint,
  Claim,
  FilteredPage,
  Hold,
  OpenBatch,
  ParkedEvent,
  Progress,
  Reason,
  Registration,
  Renewed,
  StoredState,
  StoredSubscription,
  SubscriptionStore,
  Suspect,
} from '../store/subscriptions.js';
import { beginSql, clientClass, clientConfig, prepareSession, run } from './connection.js';
import { quoted } from './names.js';
import { OpenClients } from './open-clients.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { PostgresBatch } from './postgres-batch.js';
import { read } from './read.js';
import { subscriptionStatements } from './statements/subscription-set.js';
import type { LockedRow } from './statements/subscriptions.js';
import { readFailure } from './translate-error.js';

/** How subscriptions are held. */
export interface LeaseOptions {
  /** How long a lease lasts after its last renewal. Milliseconds. */
  readonly leaseMs: number;
  /** Connections at most: each batch under way has one. */
  readonly connections: number;
}

/** Positions that one read of wanted events goes over at most: where few are wanted, it still ends soon. */
const SPAN = 100_000;
const DEATHS_TO_PARK = 2;
const NOWHERE: Checkpoint = { position: 0, commandId: '' };

/** Subscriptions in Postgres, with a pool of their own: a batch that waits holds up nothing else. */
export class PostgresSubscriptions implements SubscriptionStore {
  private readonly pool: pg.Pool;
  private readonly sql: ReturnType<typeof subscriptionStatements>;
  private readonly clients = new OpenClients();
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: ResolvedPostgres,
    private readonly lease: LeaseOptions,
    credentials?: Credentials,
  ) {
    this.sql = subscriptionStatements(quoted(options.schema), options.namedStatements);
    this.pool = new pg.Pool({
      ...clientConfig(options, 'projection'),
      Client: this.clients.noted(clientClass(credentials)),
      max: lease.connections,
      idleTimeoutMillis: 60_000,
      // eslint-disable-next-line @typescript-eslint/no-misused-promises -- pg-pool waits for it, which its types do not say
      onConnect: (client) => prepareSession(client, options),
    });
    this.pool.on('error', () => undefined); // an idle connection was lost: the next query makes another
  }

  async find(name: string): Promise<StoredSubscription | undefined> {
    return (await read(this.pool, this.sql.list, name))[0];
  }

  list(): Promise<readonly StoredSubscription[]> {
    return read(this.pool, this.sql.list, undefined);
  }

  register(registration: Registration, start: Checkpoint): Promise<void> {
    return read(this.pool, this.sql.register, registration, start);
  }

  async claim(registration: Registration, owner: string): Promise<Claim> {
    const { name } = registration;
    const granted = await read(this.pool, this.sql.claim, registration, owner, this.lease.leaseMs);
    if (granted) return { kind: 'granted', hold: { name, epoch: granted.epoch }, ...granted };
    const row = await this.find(name);
    if (!row) throw new SetupError('UnknownSubscription', `There is no subscription ${name}`);
    const { version, fingerprint } = row;
    if (version !== registration.version || fingerprint !== registration.fingerprint)
      return { kind: 'other', version, fingerprint };
    if (row.state === 'paused') return { kind: 'paused' };
    if (row.state === 'stopped') return { kind: 'stopped', error: row.error };
    return { kind: 'held', owner: row.owner ?? '' };
  }

  renew(owner: string): Promise<readonly Renewed[]> {
    return read(this.pool, this.sql.renew, owner, this.lease.leaseMs);
  }

  release(owner: string): Promise<void> {
    return read(this.pool, this.sql.release, owner);
  }

  yield(hold: Hold): Promise<void> {
    return read(this.pool, this.sql.yield, hold);
  }

  checkpointAt(position: number): Promise<Checkpoint> {
    return read(this.pool, this.sql.checkpointAt, position);
  }

  async page(page: FilteredPage): Promise<Batch> {
    const { after, limit } = page;
    const end = after + SPAN;
    const upTo = end < page.upTo.position ? { position: end, commandId: '' } : page.upTo;
    const events = await read(this.pool, this.sql.readWanted, { ...page, upTo });
    const last = events.at(-1);
    if (last && events.length === limit)
      return { events, upTo: { position: last.position, commandId: last.commandId } };
    // The last position of a span may be nobody's: the checkpoint has to be at an event.
    return { events, upTo: upTo === page.upTo ? upTo : await this.checkpointAt(end) };
  }

  async begin(hold: Hold, mark: Checkpoint): Promise<OpenBatch> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.pool.connect();
      const batch = new PostgresBatch(client, {
        ...{ hold, mark, sql: this.sql },
        leaseMs: this.lease.leaseMs,
      });
      await batch.open();
      return batch;
    } catch (error) {
      client?.release(true); // closing the connection rolls back
      throw readFailure(error);
    }
  }

  advance(
    hold: Hold,
    upTo: Checkpoint,
    state: StoredState,
    parkedChanges?: number,
  ): Promise<boolean> {
    const { leaseMs } = this.lease;
    return read(this.pool, this.sql.advance, hold, upTo, { state, leaseMs, parkedChanges });
  }

  failed(hold: Hold, attempts: number, error: PlainError): Promise<void> {
    return read(this.pool, this.sql.fail, hold, attempts, error, this.lease.leaseMs);
  }

  stop(hold: Hold, error: PlainError): Promise<void> {
    return read(this.pool, this.sql.stop, hold, error);
  }

  nextRequest({ name }: Hold): Promise<StreamName | undefined> {
    return read(this.pool, this.sql.nextRequest, name);
  }

  retryFailed({ name }: Hold, stream: StreamName, error: PlainError): Promise<void> {
    return read(this.pool, this.sql.retryFailed, name, stream, error);
  }

  died(
    name: string,
    suspect: Suspect & { readonly isAlone: boolean },
    error: PlainError,
  ): Promise<boolean> {
    return this.locked(name, async (client, row) => {
      const [event] = await run(client, this.sql.eventAt, suspect.upTo);
      if (!event) return false;
      if (suspect.upTo <= row.checkpoint.position) {
        await run(client, this.sql.retryFailed, name, event, error);
        return true;
      }
      const deaths = await run(client, this.sql.noteDeath, name, suspect);
      const isKnown = suspect.isAlone && suspect.from === suspect.upTo;
      if (!isKnown || deaths < DEATHS_TO_PARK) return false;
      await run(client, this.sql.park, name, event, deaths, error);
      await run(client, this.sql.parkedChanged, name);
      return true;
    });
  }

  pause(name: string): Promise<boolean> {
    return read(this.pool, this.sql.pause, name);
  }

  resume(name: string, at: Checkpoint | undefined): Promise<boolean> {
    return read(this.pool, this.sql.resume, name, at);
  }

  parked(name: string, stream?: StreamName): Promise<readonly ParkedEvent[]> {
    return read(this.pool, this.sql.listParked, name, stream);
  }

  askRetry(name: string, stream: StreamName, reason: Reason): Promise<boolean> {
    return read(this.pool, this.sql.askRetry, name, stream, reason);
  }

  skip(name: string, stream: StreamName, reason: Reason): Promise<boolean> {
    return this.locked(name, async (client) => {
      const open = (await run(client, this.sql.listParked, name, stream)).find((p) => !p.resolved);
      if (!open) return false;
      await run(client, this.sql.resolve, name, stream, 'skipped', reason);
      await run(client, this.sql.parkNext, name, stream, open.version, undefined);
      await run(client, this.sql.parkedChanged, name);
      return true;
    });
  }

  progress(names: readonly string[]): Promise<readonly Progress[]> {
    return read(this.pool, this.sql.progress, names);
  }

  indexed(index: IndexName, id: string, page: PageRequest): Promise<readonly StoredEvent[]> {
    const { readCommands, readCorrelations } = this.sql;
    return read(this.pool, index === 'commands' ? readCommands : readCorrelations, id, page);
  }

  reached(name: string, position: number): ReturnType<SubscriptionStore['reached']> {
    return read(this.pool, this.sql.reached, name, position);
  }

  close(): Promise<void> {
    this.closing ??= Promise.all([this.pool.end(), this.clients.ended()]).then(() => undefined);
    return this.closing;
  }

  /** Runs `work` in a transaction that has locked the row of a subscription. */
  private async locked<T>(
    name: string,
    work: (client: pg.PoolClient, row: LockedRow) => Promise<T>,
  ): Promise<T> {
    let client: pg.PoolClient | undefined;
    try {
      client = await this.pool.connect();
      await client.query(beginSql(this.options));
      const row = await run(client, this.sql.lock, name, NOWHERE);
      if (!row) throw unknownSubscription(name);
      const result = await work(client, row);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client?.release(true); // closing the connection rolls back
      throw readFailure(error);
    }
  }
}

function unknownSubscription(name: string): TroupeError {
  return new TroupeError('UnknownSubscription', `There is no subscription ${name}`, { name });
}
