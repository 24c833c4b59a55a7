import { NO_BLAME } from '../../src/actor/blame.js';
import type { Aggregate, AggregateTypes } from '../../src/aggregate/define-aggregate.js';
import { type Domain, readDomain, startServices } from '../../src/aggregate/domain.js';
import { readEvent } from '../../src/aggregate/read-event.js';
import { AggregateClient } from '../../src/client/aggregate-client.js';
import type { StampSetup } from '../../src/client/stamp.js';
import { FoldedReaders } from '../../src/dispatcher/folded-readers.js';
import { DEFAULT_JSON_LIMITS } from '../../src/internal/json.js';
import type { Answer } from '../../src/messages/answer.js';
import type { CommandMessage } from '../../src/messages/command.js';
import { uuidv7 } from '../../src/messages/ids.js';
import { Shard } from '../../src/shard/shard.js';
import type { ShardOptions } from '../../src/shard/shard-options.js';
import type { GivenUp, Notice } from '../../src/shard/shard-output.js';
import type { Store } from '../../src/store/store.js';
import { createFigures } from '../../src/telemetry/figures.js';
import { ShardTelemetry } from '../../src/telemetry/shard-telemetry.js';
import type { Reply } from '../../src/threads/pending-calls.js';
import type { Router } from '../../src/threads/router.js';
import { FakeClock } from './fake-clock.js';
import { FaultyStore } from './faulty-store.js';

export interface ShardUnderTestOptions {
  readonly domain?: object;
  /** Settings that differ from the defaults below. */
  readonly options?: Partial<ShardOptions>;
  readonly clock?: FakeClock;
  /** An open store to share; the default is one of its own. */
  readonly store?: Store;
}

const DEFAULTS: ShardOptions = {
  batch: { maxRows: 500, maxBytes: 1024 * 1024 },
  lockTimeoutMs: 1000,
  mailboxSize: 10_000,
  maxConflicts: 20,
  idleMs: 600_000,
  heapBytes: Number.MAX_SAFE_INTEGER,
  limits: DEFAULT_JSON_LIMITS,
  freezeState: false,
  keepOutcomesMs: 7 * 24 * 60 * 60 * 1000,
};

/**
 * One shard without threads, timers or ports around it, on a store with faults: what is sent reaches
 * its actor in the same turn, and time moves only by `clock` and `tick`.
 */
export class ShardUnderTest {
  readonly notices: Notice[] = [];
  readonly figures = createFigures();
  private readonly calls = new Map<number, (answer: Reply) => void>();
  readonly shard: Shard;
  private readonly domain: Domain;

  private constructor(
    readonly store: FaultyStore,
    readonly clock: FakeClock,
    parts: Omit<ConstructorParameters<typeof Shard>[0], 'output' | 'store' | 'clock' | 'telemetry'>,
  ) {
    this.domain = parts.domain;
    const output = {
      answer: (answer: Answer) => this.settle(answer),
      giveUp: (command: GivenUp) => this.giveUp(command),
      notice: (notice: Notice) => void this.notices.push(notice),
      stored: () => undefined,
    };
    const telemetry = new ShardTelemetry({
      ...{ shard: 0, memory: this.figures, isRemote: false, send: () => undefined },
    });
    this.shard = new Shard({ ...parts, store, clock, output, telemetry });
  }

  static async start(store: Store, given: ShardUnderTestOptions): Promise<ShardUnderTest> {
    const faulty = new FaultyStore(store);
    const domain = await startServices(readDomain(given.domain ?? {}, 'the test'));
    const writer = await faulty.registerWriter();
    const options = { ...DEFAULTS, ...given.options };
    const clock = given.clock ?? new FakeClock();
    return new ShardUnderTest(faulty, clock, { writer, domain, options, blame: NO_BLAME });
  }

  /** Commands that are not answered yet. */
  get unanswered(): number {
    return this.calls.size;
  }

  get actorCount(): number {
    return this.shard.actorCount;
  }

  client<Types extends AggregateTypes>(definition: Aggregate<Types>): AggregateClient<Types> {
    const now = () => this.clock.now();
    const stamp: StampSetup = {
      ...{ limits: DEFAULTS.limits, timeoutMs: 30_000, newId: uuidv7 },
      ...{ now, domainNow: now },
    };
    // The router's public part, without ports and shards to choose from.
    const router = {
      send: (message: CommandMessage, signal?: AbortSignal) => this.send(message, signal),
      readPage: async ({ after, limit, ...stream }: { aggregate: string; id: string } & Page) => {
        const events = await this.store.readStream(stream, { after, limit });
        return events.map((event) => readEvent(this.domain.stored.get(stream.aggregate), event));
      },
    } as unknown as Router;
    return new AggregateClient(definition, {
      ...{ router, stamp, newId: uuidv7 },
      readers: new FoldedReaders({ readers: new Map() }),
    });
  }

  send(message: CommandMessage, signal?: AbortSignal): Promise<Reply> {
    const { aggregate, id, ref } = message;
    signal?.addEventListener('abort', () => this.shard.abort(aggregate, id, ref));
    return new Promise((resolve) => {
      this.calls.set(ref, resolve);
      this.shard.accept(message);
    });
  }

  tick(usedHeap = 0): void {
    this.shard.tick(usedHeap);
  }

  private stopped: Promise<void> | undefined;

  stop(drainMs = 5000): Promise<void> {
    this.stopped ??= this.shard.stop(drainMs);
    return this.stopped;
  }

  /** As the host of a shard does, but for what only it knows. */
  private giveUp({ ref, reason }: GivenUp): void {
    const at = { aggregate: '', id: '', writerId: 0, afterPosition: 0, incarnation: '' };
    this.calls.get(ref)?.({
      kind: 'unknown',
      reason,
      command: { ...at, commandId: '', key: '' },
    });
    this.calls.delete(ref);
  }

  private settle(answer: Answer): void {
    const call = this.calls.get(answer.ref);
    if (!call) throw new Error(`a second answer for ${answer.ref}: ${JSON.stringify(answer)}`);
    this.calls.delete(answer.ref);
    call(answer);
  }
}

interface Page {
  readonly after: number;
  readonly limit: number;
}
