import type { AggregateTypes } from '../aggregate/define-aggregate.js';
import { builtInOf, type Domain } from '../aggregate/domain.js';
import { AggregateClient, type ClientSetup } from '../client/aggregate-client.js';
import type { Ask } from '../dispatcher/ask.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import type { View, ViewTypes } from '../projection/view.js';
import type { ViewClient } from '../projection/view-client.js';
import { advance } from './event-time.js';
import { KnownInstances } from './known-instances.js';
import { isSaga, type Saga, type SagaTypes } from './saga.js';
import { SagaClient } from './saga-client.js';
import { runsEffects } from './saga-consumers.js';

/** What the sagas of a runtime work with. */
export interface SagasParts {
  readonly domain: Domain;
  readonly client: ClientSetup;
  readonly ask: Ask;
  view(definition: View): ViewClient<ViewTypes>;
  /** Position of the last event of the log. */
  logEnd(): Promise<number>;
  /** Resolves when a subscription has handled the log up to a position. */
  waitFor(name: string, position: number, timeoutMs: number): Promise<void>;
  /** Resolves when the log has grown, or after a time; false when it will not any more. */
  grown(ms: number): Promise<boolean>;
}

/** What came of moving the time of sagas. */
export interface Advanced {
  /** Timers that fired. */
  readonly fired: number;
}

/** Options of `advanceTo`. */
export interface AdvanceOptions {
  /** How long is waited for the sagas to have all that is in the log. Milliseconds. Default 10 minutes. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10 * 60_000;
const PAGE = 1000;
const AT_A_TIME = 100;

/** The sagas of a domain. */
export class Sagas {
  private readonly clients = new Map<string, SagaClient<SagaTypes>>();

  constructor(private readonly parts: SagasParts) {}

  /** The way to the instances of a saga. Throws `SetupError` if the domain does not export it. */
  client<Types extends SagaTypes>({ name }: Saga<Types>): SagaClient<Types> {
    let client = this.clients.get(name);
    if (!client) {
      client = this.open(this.registered(name));
      this.clients.set(name, client);
    }
    return client as unknown as SagaClient<Types>;
  }

  /** See `Runtime.advanceTo`. */
  async advanceTo(end: number, { timeoutMs = TIMEOUT_MS }: AdvanceOptions): Promise<Advanced> {
    const sagas = sagasOf(this.parts.domain).filter(({ time }) => time === 'event');
    for (let fired = 0; ; ) {
      await this.caughtUp(sagas, timeoutMs);
      let more = 0;
      for (const saga of sagas) more += await this.advanceDue(saga, end);
      fired += more;
      // What fired may have caused events that concern others.
      if (more === 0) return { fired };
    }
  }

  private async caughtUp(sagas: readonly Saga[], timeoutMs: number): Promise<void> {
    const position = await this.parts.logEnd();
    for (const saga of sagas)
      for (const consumer of consumersOf(saga))
        await this.parts.waitFor(consumer, position, timeoutMs);
  }

  /** Instances that have a timer due; others follow in the next round. */
  private async advanceDue(saga: Saga, end: number): Promise<number> {
    const { items } = await this.client(saga).list({
      where: { status: 'active', nextDue: { lte: new Date(end) } },
      orderBy: { nextDue: 'asc' },
      limit: PAGE,
    });
    const waiting = [...items];
    const known = new KnownInstances();
    let fired = 0;
    const worker = async (): Promise<void> => {
      for (let item = waiting.shift(); item; item = waiting.shift())
        fired += await advance({ ask: this.parts.ask, saga, id: item.id, known }, end);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    return fired;
  }

  private open(saga: Saga): SagaClient<SagaTypes> {
    const { client, view, grown } = this.parts;
    const { aggregates, readers } = builtInOf(saga) ?? { aggregates: [], readers: [] };
    const instances = new AggregateClient<AggregateTypes>(aggregates[0] as never, client);
    // Made with the saga.
    return new SagaClient(saga, { instances, view: view(readers[0] as unknown as View), grown });
  }

  private registered(name: string): Saga {
    const sagas = sagasOf(this.parts.domain);
    const saga = sagas.find((one) => one.name === name);
    if (saga) return saga;
    const names = sagas.map((one) => one.name);
    const expected = names.length > 0 ? oneOf(names, name) : 'it to export one made by defineSaga';
    throw new SetupError(
      'UnknownSaga',
      `The domain module exports no saga named ${name}: expected ${expected}`,
      { name },
    );
  }
}

/** Names of what has to have read the log before an instance stands as the log says. */
function consumersOf(saga: Saga): readonly string[] {
  const { storedAs, name } = saga;
  const effects = runsEffects(saga) ? [`${storedAs}/effects`] : [];
  return [storedAs, `${storedAs}/commands`, ...effects, `saga-${name}`];
}

/** The sagas that a domain exports. */
export function sagasOf({ readers }: Pick<Domain, 'readers'>): readonly Saga[] {
  return [...readers.values()].filter(isSaga);
}
