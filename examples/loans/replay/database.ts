import type { PostgresOptions } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';

/** Where a log is kept, known before anything is touched. */
export interface Place {
  /** As given; undefined for the embedded server. */
  readonly url: string | undefined;
  readonly host: string;
  readonly database: string;
  readonly schema: string;
}

/** A database that is there. */
export interface Database {
  readonly store: PostgresOptions;
  /** Ends this use of it; an embedded server is stopped unless others use it. */
  close(): Promise<void>;
}

/** The server of `DATABASE_URL`, else an embedded one under `.troupe` in the working folder. */
export function placeOf(env: NodeJS.ProcessEnv, schema: string): Place {
  const url = env.DATABASE_URL || undefined;
  if (url === undefined) {
    return { url, host: '127.0.0.1 (embedded, in .troupe)', database: 'postgres', schema };
  }
  const { searchParams, hostname, port, pathname, username } = parsed(url);
  const host = searchParams.get('host') || hostname || env.PGHOST || 'localhost';
  const database =
    decodeURIComponent(pathname.slice(1)) || env.PGDATABASE || username || '(default)';
  return { url, host: port ? `${host}:${port}` : host, database, schema };
}

function parsed(url: string): URL {
  try {
    // pg takes a URL without a host too, if the host is a socket's folder.
    return new URL(url.replace('@/', '@localhost/'));
  } catch {
    // Not shown: it may hold a password.
    throw new RangeError('DATABASE_URL is not a URL like postgres://user@host:5432/database');
  }
}

/** One line for people. */
export function describePlace({ host, database, schema }: Place): string {
  return `host ${host}, database ${database}, schema ${schema}`;
}

/** Finds or starts the server. */
export async function openDatabase(
  { url, schema }: Place,
  onNotice: (message: string) => void,
): Promise<Database> {
  if (url !== undefined) return { store: { kind: 'postgres', url, schema }, close: async () => {} };
  const server = await embeddedPostgres({ onNotice });
  return {
    store: { kind: 'postgres', url: server.url, schema },
    close: () => server.stop(),
  };
}
