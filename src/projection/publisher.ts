import type { CloudEvent } from '../client/cloud-event.js';

/** Carries events to another system. Contract of what `definePublication` publishes to. */
export interface Publisher {
  /**
   * Takes a batch in order of position; resolves when all of it is as safe as the other system can make it.
   * If it rejects, the same events come again, in batches that may be cut otherwise: an event may arrive
   * more than once, with the same `id` and `source`, but never after a younger one that is new.
   */
  publish(events: readonly CloudEvent[]): Promise<void>;
  /** Ends it; nothing is published after. */
  close?(): Promise<void>;
}

/** Keeps what is published in a list, for tests. */
export class MemoryPublisher implements Publisher {
  readonly events: CloudEvent[] = [];

  async publish(events: readonly CloudEvent[]): Promise<void> {
    this.events.push(...events);
  }
}
