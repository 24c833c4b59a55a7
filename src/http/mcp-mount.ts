import type { RequestInfo } from './action.js';
import type { RuntimeView } from './runtime-view.js';
import type { ToJsonSchema } from './to-json-schema.js';

/** What `troupe/mcp` gives to the option `mcp`: this folder knows nothing of that protocol. */
export interface McpMount {
  /** Called once, when the routes are made. Throws `SetupError` for what is allowed and not there. */
  open(inside: Inside): (asker: Asker, body: unknown) => Promise<Response>;
}

/**
 * The domain API from inside the process, for ways in of other protocols: what they do is done by its routes,
 * with their authorisation, redaction and errors. Commands are on, since each such way has a list of its own.
 */
export interface Inside {
  readonly definitions: RuntimeView['definitions'];
  readonly about: InsideOptions;
  /** Never throws for what is asked. */
  ask(question: Question, asker: Asker): Promise<InsideAnswer>;
  /** The answer for an error that kept a question from being asked. */
  refuse(error: unknown): InsideAnswer;
}

/** Options of HTTP that show in descriptions. */
export interface InsideOptions {
  readonly info: { readonly title: string; readonly version: string };
  readonly jsonSchema: ToJsonSchema;
  readonly requireIdempotencyKey: boolean;
  /** Something may be hidden: what leaves need not fit the schemas of the domain. */
  readonly isRedacted: boolean;
}

/** Who asks, as `authorize` is shown it, and where all this is mounted for them. */
export interface Asker extends RequestInfo {
  readonly base?: string;
}

/** What is asked of a route of the domain API. */
export interface Question {
  readonly method: 'GET' | 'POST';
  /** The path cut at its slashes, nothing encoded: `['api', 'account', 'a/b']`. */
  readonly path: readonly string[];
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a POST: any JSON. */
  readonly body?: unknown;
}

/** What it answered: JSON, from status 400 on a problem. */
export interface InsideAnswer {
  readonly status: number;
  readonly text: string;
}
