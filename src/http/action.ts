import type { Verb } from '../store/operations.js';

/** What a request wants to do, as `authorize` sees it. What does not apply is absent. */
export interface Action {
  /** Method and pattern of the route: `POST /api/:aggregate/:id/:command`. */
  readonly route: string;
  /**
   * `inspect` looks inside; `dryRun` runs a decider without effect; `operate` is what an operator does (`verb`).
   * `command` changes something; `outcome` asks what became of a command; `state`, `events` and `view` read
   * domain data; `document` is the description of this API; `health` and `metrics` are for machines;
   * `mcp` talks MCP: what is done by it is asked for again, as the action that it is.
   */
  readonly kind:
    | 'inspect'
    | 'dryRun'
    | 'operate'
    | 'command'
    | 'outcome'
    | 'state'
    | 'events'
    | 'view'
    | 'document'
    | 'health'
    | 'metrics'
    | 'mcp';
  /** Names and ids as they were sent: they need not exist. */
  readonly aggregate?: string;
  readonly id?: string;
  /** Of `POST /api/:aggregate` and of a dry run the `type` in the body; absent where the body has none. */
  readonly command?: string;
  readonly view?: string;
  readonly key?: string;
  readonly commandId?: string;
  readonly correlationId?: string;
  readonly subscription?: string;
  readonly saga?: string;
  /** What an operator wants done: `quarantine`, `pause`, `retrySaga`, ... */
  readonly verb?: Verb;
}

/** Who sent a request; stored in the metadata of the events that it causes. */
export interface Principal {
  readonly principal: string;
  readonly tenant?: string;
}

/** A request as `authorize` sees it. */
export interface RequestInfo {
  readonly method: string;
  /** As the server got it. */
  readonly url: string;
  /** Address of the peer, where it is known. A proxy in between is the peer. */
  readonly remoteAddress: string | undefined;
  /** Value of a header, by its name in any case. */
  header(name: string): string | undefined;
}

/** What `authorize` returns: who it is, or nothing if it is not allowed. */
export type Verdict = Principal | string | null | undefined | false;

/** Decides on each request before anything else is done for it. */
export type Authorize = (request: RequestInfo, action: Action) => Verdict | Promise<Verdict>;
