import type { Domain } from '../aggregate/domain.js';
import { Processor } from '../dispatcher/processor.js';
import type { Consumer } from '../dispatcher/subscription.js';
import type { RebuildProgress, SubscriptionStatus } from '../dispatcher/subscription-status.js';
import { within } from '../internal/within.js';
import type { Dispatch } from '../messages/answer.js';
import { toPlainError } from '../messages/plain-error.js';
import type { Store } from '../store/store.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import { FeedTelemetry } from '../telemetry/feed-telemetry.js';
import { RecordOutbox } from '../telemetry/record-outbox.js';
import type { FeedRecord } from '../telemetry/records.js';
import { RelayClient } from './command-relay.js';
import { FeedSlotWriter } from './feed-slots.js';
import type {
  OperationNews,
  OperationRequest,
  ProcessorPort,
  StartedProcessor,
  ToProcessor,
} from './processor-protocol.js';
import { PushReceivers } from './push-receiver.js';

/** What the processor of a domain works on. */
export interface ProcessorWork {
  readonly domain: Pick<Domain, 'stored'>;
  /** Makes the consumers, which send their commands this way. */
  consumers(dispatch: Dispatch): readonly Consumer[];
  readonly store: Store;
  readonly subscriptions: SubscriptionStore;
}

const BEAT_MS = 100;
/** A stranger's open transaction must not hold up the start for longer. */
const BEGIN_MS = 5000;

/** Runs the processor on a port until it is told to stop; resolves then. */
export class ProcessorService {
  private readonly processor: Processor;
  private readonly lines: PushReceivers;
  private readonly beats: NodeJS.Timeout;
  private readonly relay: RelayClient;
  private readonly records = new RecordOutbox<FeedRecord>((records) => this.port.post({ records }));
  private news = new Map<string, SubscriptionStatus>();
  private readonly operations = new Map<number, AbortController>();
  private finish!: () => void;
  readonly done = new Promise<void>((resolve) => {
    this.finish = resolve;
  });

  constructor(
    private readonly port: ProcessorPort,
    private readonly work: ProcessorWork,
    { owner, leaseMs, slots, figures, builds }: StartedProcessor,
  ) {
    const telemetry = figures.map((memory) => new FeedTelemetry(memory, this.records));
    const writer = new FeedSlotWriter(slots);
    writer.beat(); // from now on it is watched: the first event may come before the start is over
    this.beats = setInterval(() => writer.beat(), BEAT_MS);
    this.relay = new RelayClient((commands) => port.post({ commands }));
    this.processor = new Processor({
      ...work,
      consumers: work.consumers(this.relay.dispatch),
      ...{ owner, leaseMs },
      blame: (index) => writer.blame(index, 'batch'),
      building: (index) => ({ blame: writer.blame(index, 'build'), record: builds[index] }),
      operating: (index) => writer.blame(index, 'operation'),
      ...{ telemetry: (index) => telemetry[index] as FeedTelemetry },
      changed: (status) => this.changed(status),
      tell: (kind, message, cause) => port.post({ notices: [{ kind, message, cause }] }),
    });
    this.lines = new PushReceivers(this.processor);
    port.onMessage((message) => this.receive(message));
    // Who starts a runtime and sends a command expects it in a subscription "from now".
    void within(BEGIN_MS, this.processor.begun()).then(() => port.post({ ready: true }));
  }

  private receive(message: ToProcessor): void {
    const { wake, poke, line, replies, operate, cancel, stop, listen, heard } = message;
    if (listen) this.records.listen(listen);
    if (heard !== undefined) this.records.heard(heard);
    if (operate) void this.operate(operate);
    if (cancel !== undefined) this.operations.get(cancel)?.abort();
    if (replies) this.relay.receive(replies);
    if (line) this.lines.take(line);
    if (wake !== undefined) this.processor.wake(wake || undefined);
    if (poke) this.processor.poke();
    if (stop) void this.stop();
  }

  private async operate({ ref, name, operation }: OperationRequest): Promise<void> {
    const ending = new AbortController();
    this.operations.set(ref, ending);
    const tell = (news: Omit<OperationNews, 'ref'>): void =>
      this.port.post({ operation: { ref, ...news } });
    const { signal } = ending;
    try {
      const progress = (far: RebuildProgress): void => tell({ progress: far });
      await this.processor.operate(name, operation, { signal, progress });
      tell({ ended: true });
    } catch (error) {
      tell({ ended: true, error: toPlainError(error) });
    }
    this.operations.delete(ref);
  }

  /** What changes in one turn of the event loop leaves together. */
  private changed(status: SubscriptionStatus): void {
    if (this.news.size === 0) setImmediate(() => this.flush());
    this.news.set(status.name, status);
  }

  private flush(): void {
    if (this.news.size === 0) return;
    this.port.post({ statuses: [...this.news.values()] });
    this.news = new Map();
  }

  private async stop(): Promise<void> {
    for (const ending of this.operations.values()) ending.abort();
    this.relay.close(); // who waits for a reply would hold up the end
    this.lines.close();
    await this.processor.stop();
    clearInterval(this.beats);
    await Promise.allSettled([this.work.subscriptions.close(), this.work.store.close()]);
    this.flush();
    this.records.flush();
    this.port.post({ stopped: true });
    this.finish();
  }
}
