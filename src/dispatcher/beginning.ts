import type { Store } from '../store/store.js';
import type { SubscriptionStore } from '../store/subscriptions.js';
import type { BuildGuard } from './build-guard.js';
import { firstCheckpoint } from './first-checkpoint.js';
import type { Consumer } from './subscription.js';
import type { RebuildProgress } from './subscription-status.js';

/** What a subscription begins with. */
export interface BeginningParts {
  readonly consumer: Consumer;
  readonly log: Pick<Store, 'settledEnd'>;
  readonly store: SubscriptionStore;
  readonly guard: BuildGuard;
}

/** What has to be done once before a subscription is claimed: its row, and what it writes into. */
export class Beginning {
  private isRegistered = false;
  private isPrepared = false;
  private readonly ending = new AbortController();
  /** While its new version is built. */
  rebuild: RebuildProgress | undefined;

  constructor(
    private readonly parts: BeginningParts,
    private readonly told: () => void,
  ) {}

  /** Resolves when it may be claimed. What fails is tried again with the next call. */
  async ready(): Promise<void> {
    if (!this.isRegistered) await this.register();
    this.isRegistered = true;
    if (!this.isPrepared) await this.prepare();
    this.isPrepared = true;
  }

  /** Ends what is being prepared. */
  end(): void {
    this.ending.abort();
  }

  private async register(): Promise<void> {
    const { consumer, log, store } = this.parts;
    if (!(await store.find(consumer.name)))
      await store.register(consumer, await firstCheckpoint(consumer, log, store));
  }

  private async prepare(): Promise<void> {
    const { consumer, guard } = this.parts;
    await consumer.prepare?.({
      guard,
      signal: this.ending.signal,
      progress: (rebuild) => {
        this.rebuild = rebuild;
        this.told();
      },
    });
    this.rebuild = undefined;
  }
}
