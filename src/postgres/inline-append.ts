import type pg from 'pg';
import { TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { inlineFailure } from '../messages/inline-errors.js';
import type { AppendBatch, AppendResult } from '../store/append.js';
import { type InlineReader, inlineKey } from '../store/inline.js';
import type { Writer } from '../store/store.js';
import { type CommitConnection, IDLE_IN_TRANSACTION_MS, run } from './connection.js';
import { InlineSession } from './inline-session.js';
import type { Appended } from './statements/append.js';
import type { Statement } from './statements/statement.js';
import { appendFailure, readFailure } from './translate-error.js';

type Failure = Exclude<AppendResult, { kind: 'stored' }>;

/*
 *   BEGIN, append ──▶ one handler after the other ──▶ COMMIT
 *   (one round trip)     |                              |
 *                        +--any failure--> ROLLBACK     +--deferred constraint, or a statement had failed
 *
 * All the while the append lock and the lock of the writer are held: who raises the epoch waits for the
 * end, and feeds wait behind its positions. So the server ends a session that does nothing in here (H27).
 */

/** Appends with inline projections, on a connection of their own that pipelines. */
export class InlineAppends {
  constructor(
    private readonly connection: CommitConnection,
    private readonly statement: Statement<[Writer, AppendBatch], Appended>,
    private readonly schema: string,
  ) {}

  /** Appends and runs them, or nothing. Never rejects. */
  async append(
    writer: Writer,
    batch: AppendBatch,
    readers: readonly InlineReader[],
  ): Promise<AppendResult> {
    let client: pg.Client;
    try {
      client = await this.connection.ready();
    } catch (error) {
      return { kind: 'unavailable', cause: readFailure(error) };
    }
    const session = new InlineSession(client, this.schema);
    try {
      return await this.appendIn(session, writer, batch, readers);
    } catch (error) {
      return await this.failed(session, error);
    } finally {
      session.end();
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async appendIn(
    session: InlineSession,
    writer: Writer,
    batch: AppendBatch,
    readers: readonly InlineReader[],
  ): Promise<AppendResult> {
    const { client } = session;
    const [, recorded] = await Promise.all([
      client.query(beginSql(readers)),
      run(client, this.statement, writer, batch),
    ]);
    const events = storedEvents(batch, recorded);
    for (const reader of readers) await session.run(reader, events.filter(reader.wants));
    await session.commit();
    return { kind: 'stored', ...recorded };
  }

  private async failed(session: InlineSession, error: unknown): Promise<Failure> {
    const failure = session.blamed
      ? handlerFailure(session, session.blamed.reader, session.blamed.error)
      : appendFailure(error);
    if (failure.kind === 'ambiguous' || failure.kind === 'unavailable' || session.isLost)
      this.connection.discard();
    else await session.rollback().catch(() => this.connection.discard());
    return failure;
  }
}

/**
 * Longest that a statement may take: feeds and fences wait for it, also after this process is gone. The server
 * stops counting before it commits, so the wait for a standby is not cut short (H04).
 */
const STATEMENT_MS = 5000;

/** Names and versions are checked where they are defined: nothing in them needs quoting. */
function beginSql(readers: readonly InlineReader[]): string {
  const runs = readers.map(inlineKey).join(',');
  return `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}; SET LOCAL statement_timeout = ${STATEMENT_MS}; SET LOCAL troupe.inline = '${runs}'`;
}

function storedEvents(
  { rows }: AppendBatch,
  { positions, recordedAt }: Appended,
): readonly StoredEvent[] {
  return rows
    .map((row, i) => ({ ...row, position: positions[i] as number, recordedAt }))
    .sort((a, b) => a.position - b.position);
}

const PASSING = /^(53|58|XX|25006|57P03)/;
/** The server ended a transaction in which nothing was done. */
const IDLE = '25P03';

/** What it means that a handler failed, or one of its statements. */
function handlerFailure(session: InlineSession, reader: InlineReader, error: unknown): Failure {
  const cause = inlineFailure(reader, error);
  if (!session.isDatabaseError(error)) return { kind: 'invalid', cause };
  const { code } = error as { readonly code?: string };
  if (code === IDLE) return { kind: 'invalid', cause: inlineFailure(reader, idle()) };
  const failure = appendFailure(error);
  if (failure.kind === 'locked' || failure.kind === 'ambiguous') return failure;
  if (PASSING.test(code ?? '')) return { kind: 'unavailable', cause: failure.cause };
  return { kind: 'invalid', cause };
}

function idle(): TroupeError {
  return new TroupeError(
    'InlineProjectionIdle',
    `it ran no statement for ${IDLE_IN_TRANSACTION_MS} ms: expected nothing but SQL in its handler`,
    { idleMs: IDLE_IN_TRANSACTION_MS },
  );
}
