import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { SetupError, TroupeError } from '../messages/errors.js';
import { inlineFailure } from '../messages/inline-errors.js';
import type {
  FillStep,
  InlineReader,
  InlineRegistry,
  InlineTransaction,
  StoredInline,
} from '../store/inline.js';
import {
  beginSql,
  clientClass,
  clientConfig,
  IDLE_IN_TRANSACTION_MS,
  prepareSession,
  run,
} from './connection.js';
import { InlineRows } from './inline-rows.js';
import { INLINE_LOCK, lockClass, quoted } from './names.js';
import type { Credentials, ResolvedPostgres } from './options.js';
import { startFailure } from './start-failure.js';
import { subscriptionStatements } from './statements/subscription-set.js';
import { readFailure } from './translate-error.js';

/** Events of one step of filling. */
const PAGE = 1000;
/** Positions that one step goes over at most: where few events are wanted, it still ends soon. */
const SPAN = 100_000;
/** Events that may be left when it is activated, since nobody can append meanwhile. */
const MAX_REST = 2000;
/** How long activating may wait for the log, with all appends waiting behind it. */
const LOCK_TIMEOUT_MS = 200;
/** Now and then longer: a server cancels its own vacuum only for who has waited for a second. */
const PATIENT_EVERY = 10;
const PATIENT_LOCK_TIMEOUT_MS = 1500;
/** How long a removal is tried where somebody holds the log. */
const REMOVE_MS = 10_000;
const LOCKED = /^(55P03|40P01)$/;

/** The inline projections of a log in Postgres, on one connection that is made when it is used. */
export class PostgresInline implements InlineRegistry {
  private readonly schema: string;
  private readonly sql: ReturnType<typeof subscriptionStatements>;
  private readonly rows: InlineRows;
  private connecting: Promise<pg.Client> | undefined;
  /** Times that activating was tried. */
  private activations = 0;

  constructor(
    private readonly options: ResolvedPostgres,
    private readonly credentials?: Credentials,
  ) {
    this.schema = quoted(options.schema);
    this.sql = subscriptionStatements(this.schema, options.namedStatements);
    this.rows = new InlineRows(this.schema);
  }

  list(): Promise<readonly StoredInline[]> {
    return this.transaction((client) => this.rows.list(client));
  }

  register(reader: InlineReader): Promise<StoredInline> {
    return this.transaction(async (client) => {
      await this.lock(client);
      const known = await this.rows.list(client, reader.name);
      // One that is only being filled replaces nothing yet.
      const later = known.findLast(({ state }) => state !== 'filling');
      if (later && later.version > reader.version) return later;
      const own = known.find(({ version }) => version === reader.version);
      if (own) {
        if (own.state !== 'removed') await this.checkUnchanged(client, reader);
        return own;
      }
      await this.rows.insert(client, reader);
      await reader.setup(this.inside(client));
      const { name, version } = reader;
      return { name, version, state: 'filling', position: 0 };
    });
  }

  fill(reader: InlineReader, upTo: number): Promise<FillStep | undefined> {
    return this.transaction(async (client) => {
      // Who else fills it waits here, and goes on where this one ends.
      const after = await this.rows.lockFilling(client, reader);
      return after === undefined ? undefined : this.step(client, reader, { after, upTo });
    });
  }

  async activate(reader: InlineReader): Promise<boolean> {
    try {
      return await this.transaction((client) => this.activateIn(client, reader));
    } catch (error) {
      if (isNotNow(error)) return false;
      throw error;
    }
  }

  async remove(name: string): Promise<boolean> {
    const end = performance.now() + REMOVE_MS;
    for (;;) {
      try {
        return await this.removeNow(name);
      } catch (error) {
        if (!isNotNow(error) || performance.now() > end) throw error;
        await pause(LOCK_TIMEOUT_MS);
      }
    }
  }

  private removeNow(name: string): Promise<boolean> {
    return this.transaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await this.lock(client);
      const known = await this.rows.list(client, name);
      if (known.every(({ state }) => state === 'removed')) return false;
      // Appends that run it must have ended before its tables go.
      await client.query(`SELECT ${this.schema}.lock_events_v1()`);
      await this.rows.remove(client, name);
      await this.rows.dropTables(client, this.options.schema, name);
      await client.query(`SELECT ${this.schema}.guard_inline_v1()`);
      return true;
    });
  }

  async close(): Promise<void> {
    const client = await this.connecting?.catch(() => undefined);
    this.connecting = undefined;
    await client?.end().catch(() => undefined);
  }

  private async activateIn(client: pg.Client, reader: InlineReader): Promise<boolean> {
    const isPatient = ++this.activations % PATIENT_EVERY === 0;
    const lockTimeoutMs = isPatient ? PATIENT_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS;
    await client.query(
      `SET LOCAL lock_timeout = ${lockTimeoutMs}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    );
    await this.lock(client);
    let position = await this.rows.lockFilling(client, reader);
    if (position === undefined) return true; // somebody else has activated it, or removed it
    await client.query(`SELECT ${this.schema}.lock_events_v1()`);
    // Nothing is under way any more: this is the whole log.
    const upTo = await this.rows.logEnd(client);
    for (let rest = 0; position < upTo; ) {
      const step = await this.step(client, reader, { after: position, upTo });
      rest += step.events;
      if (rest > MAX_REST) throw restTooLong(reader);
      position = step.position;
    }
    await this.rows.activate(client, reader);
    await client.query(`SELECT ${this.schema}.guard_inline_v1()`);
    return true;
  }

  private async step(
    client: pg.Client,
    reader: InlineReader,
    { after, upTo }: { readonly after: number; readonly upTo: number },
  ): Promise<FillStep> {
    // Another process may have come further than this one had looked.
    if (after >= upTo) return { events: 0, position: after };
    const end = Math.min(after + SPAN, upTo);
    const events = await run(client, this.sql.readWanted, {
      ...{ after, limit: PAGE, filter: reader.filter },
      upTo: { position: end, commandId: '' },
    });
    if (events.length > 0)
      await reader.handle(events, this.inside(client)).catch((error: unknown) => {
        throw cannotFill(reader, events, error);
      });
    const position = events.length === PAGE ? (events.at(-1)?.position ?? end) : end;
    await this.rows.progress(client, reader, position);
    return { events: events.length, position };
  }

  private async checkUnchanged(client: pg.Client, reader: InlineReader): Promise<void> {
    const { name, version } = reader;
    if (await this.rows.listensAs(client, reader)) return;
    throw new SetupError(
      'InlineProjectionChanged',
      `Inline projection ${name}: version ${version} of the log listens to other events than this code: raise the version to ${version + 1}`,
      { name, version },
    );
  }

  private inside(client: pg.Client): InlineTransaction {
    return {
      schema: this.options.schema,
      query: async (text, values = []) => {
        try {
          return (await client.query(text, [...values])).rows as never[];
        } catch (error) {
          throw readFailure(error);
        }
      },
    };
  }

  private async lock(client: pg.Client): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [
      lockClass(this.options.schema),
      INLINE_LOCK,
    ]);
  }

  private async transaction<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    try {
      const client = await this.connected();
      await client.query(beginSql(this.options));
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await this.close(); // closing the connection rolls back
      throw startFailure(error, this.options);
    }
  }

  private connected(): Promise<pg.Client> {
    this.connecting ??= this.connect();
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const Client = clientClass(this.credentials);
    const client = new Client({
      ...clientConfig(this.options, 'admin'),
      application_name: 'troupe inline',
    });
    client.on('error', () => undefined); // the query under way rejects as well
    try {
      await client.connect();
      await prepareSession(client, this.options);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }
}

function restTooLong(reader: InlineReader): TroupeError {
  const message = `More than ${MAX_REST} events came while ${reader.name} was filled: they are filled first`;
  return new TroupeError('RestTooLong', message, { name: reader.name });
}

/** It may be tried again a moment later. */
function isNotNow(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code === 'RestTooLong' || LOCKED.test(cause?.code ?? '');
}

function cannotFill(
  reader: InlineReader,
  events: readonly { readonly position: number }[],
  error: unknown,
): Error {
  const { name, version } = reader;
  const positions = { from: events[0]?.position, upTo: events.at(-1)?.position };
  const { message } = inlineFailure(reader, error);
  return new SetupError(
    'InlineProjectionFailed',
    `${message}. It cannot be filled from the log: the failure is between the positions ${positions.from} and ${positions.upTo}`,
    { projection: name, version, ...positions },
    error,
  );
}
