import { isLocked, token } from './session.js';

/** Where the server is mounted: the dashboard is its first page. */
export const BASE = location.pathname.replace(/\/+$/, '');

/** A field of what was sent, and what is wrong with it. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/** What the server answered instead of what was asked for; status 0: it did not answer at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[];

  constructor(
    status: number,
    { code, detail, title, errors }: { [name: string]: unknown } & { errors?: unknown },
  ) {
    super(String(detail ?? title ?? `The server answered ${status}`));
    this.status = status;
    this.code = typeof code === 'string' ? code : `HTTP ${status}`;
    this.errors = Array.isArray(errors) ? (errors as FieldError[]) : [];
  }

  /** The server could not be reached. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export interface Asking {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks the server for JSON. Throws `Problem`, or what an aborted `fetch` throws. */
export async function ask<Answer>(path: string, { body, signal }: Asking = {}): Promise<Answer> {
  const response = await send(path, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(signal && { signal }),
  });
  // What it is says the route that was asked.
  return (await response.json()) as Answer;
}

/** Sends a request with the token, if there is one. Throws `Problem` unless it is answered well. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const sent = token.get();
  if (sent !== '') headers.set('authorization', `Bearer ${sent}`);
  const response = await fetched(BASE + path, { ...init, headers, credentials: 'same-origin' });
  if (response.ok) return response;
  if (response.status === 401 && sent === token.get()) isLocked.set(true);
  throw new Problem(response.status, await problemIn(response));
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, { code: 'Unreachable', detail: 'The server cannot be reached' });
  }
}

async function problemIn(response: Response): Promise<object & { [name: string]: unknown }> {
  try {
    return (await response.json()) as { [name: string]: unknown };
  } catch {
    return {};
  }
}

/** A path with encoded segments and a query: `pathOf(['inspect', 'actors'], { limit: 50 })`. */
export function pathOf(
  segments: readonly string[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `/${segments.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}
