import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { type Runtime, startRuntime } from 'troupe';
import { createHttp, type Http } from 'troupe/http';
import { keepLiveLoad } from '../../../examples/loans/live/live-load.js';
import { loanApplication } from '../../../examples/loans/loan-application.js';
import { readLoanCases } from '../../../examples/loans/loan-case.js';
import { sampleFile } from '../../../examples/loans/replay/options.js';
import { sendLog } from '../../../examples/loans/replay/send-log.js';
import { databaseUrl, freshSchema } from '../../support/postgres.js';

/** The loans with their live load, as `npm start` serves them. */
export interface LoansUnderTest {
  readonly runtime: Runtime;
  /** Where the dashboard is. */
  readonly url: string;
  /** Where it is as well: mounted in an Express application under a path. */
  readonly mountedUrl: string;
  /** Asks the database; `schema` stands for that of the log. */
  query(sql: (schema: string) => string): Promise<void>;
  /** Takes the server away, and brings it back on the same port. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

const domain = new URL('../../../dist/examples/loans/live/domain.js', import.meta.url);

/** Starts them on a log of their own, the sample in it. */
export async function startLoansUnderTest(): Promise<LoansUnderTest> {
  const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
  const indexes = { commands: true, correlations: true };
  const runtime = await startRuntime({ domain, store, indexes, shards: 2 });
  const stopped = new AbortController();
  const { signal } = stopped;
  const client = runtime.aggregate(loanApplication);
  await sendLog(readLoanCases(sampleFile), { client, signal, inFlight: 100 });
  const failures: string[] = [];
  const load = keepLiveLoad({ runtime, signal, onNotice: (message) => failures.push(message) });
  const http = createHttp(runtime, { commands: true, verbs: true });
  const door = await Door.open(http);
  const mounted = await Door.open(http, '/ops/loans');
  return {
    ...{ runtime, url: `${door.url}/`, mountedUrl: `${mounted.url}/ops/loans/` },
    goAway: () => door.close(),
    comeBack: () => door.listen(),
    async query(sql) {
      const client = new pg.Client(store.url);
      await client.connect();
      await client.query(sql(store.schema));
      await client.end();
    },
    async stop() {
      stopped.abort();
      http.endLive();
      await Promise.all([door.close(), mounted.close(), runtime.stop({ drainMs: 500 }), load]);
      if (failures.length > 0) throw new Error(`the live load had trouble: ${failures.join('; ')}`);
    },
  };
}

/** A server that may go away and come back. */
class Door {
  #server = createServer();
  #port = 0;

  private constructor(
    private readonly http: Http,
    private readonly basePath: string,
  ) {}

  static async open(http: Http, basePath = ''): Promise<Door> {
    const door = new Door(http, basePath);
    await door.listen();
    return door;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    const { nodeListener } = this.http;
    const listener =
      this.basePath === '' ? nodeListener : express().use(this.basePath, nodeListener);
    this.#server = createServer(listener);
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
