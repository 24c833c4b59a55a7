import type pg from 'pg';

const CLOSE_TIMEOUT_MS = 1000;

/** The connections of a store that are open or being made: what closing it must not leave behind. */
export class OpenClients {
  private readonly clients = new Set<pg.Client>();

  /** A class of clients that are noted here until they have ended. */
  noted(Base: typeof pg.Client): typeof pg.Client {
    const { clients } = this;
    return class extends Base {
      constructor(config?: string | pg.ClientConfig) {
        super(config);
        clients.add(this);
        // A connection lost in use is heard of by its query as well; without a listener of its own, one
        // taken from a pool would end the process.
        this.on('error', () => undefined);
        this.once('end', () => clients.delete(this));
      }
    };
  }

  /** Resolves when all have ended. A server that does not answer their good-bye gets a second for it. */
  async ended(): Promise<void> {
    const timer = setTimeout(() => this.cut(), CLOSE_TIMEOUT_MS);
    for (const client of this.clients) await new Promise<void>((end) => client.once('end', end));
    clearTimeout(timer);
  }

  private cut(): void {
    for (const { connection } of this.clients) connection.stream.destroy();
  }
}
