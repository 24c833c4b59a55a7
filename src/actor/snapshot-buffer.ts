import type { SnapshotRow } from '../store/snapshots.js';
import type { Actor } from './actor.js';

/** Where snapshots go. */
export interface SnapshotSink {
  saveSnapshots(snapshots: readonly SnapshotRow[]): Promise<void>;
}

const MAX_BATCH = 50;
/** Snapshots that may wait; more are dropped: the next one due makes up for it. */
const MAX_WAITING = 5000;

/** Snapshots of committed states on their way to the store, in batches, off the commit path. */
export class SnapshotBuffer {
  private waiting = new Map<string, SnapshotRow>();
  private writing: Promise<void> | undefined;
  written = 0;
  failed = 0;

  constructor(
    private readonly sink: SnapshotSink,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Takes a snapshot of an actor: `state` is that of its committed version, as JSON text. */
  take({ key, aggregate, id, definition, committed }: Actor, state: string): void {
    const { stateVersion } = definition;
    this.add(key, { aggregate, id, stateVersion, state, ...committed });
  }

  /** Takes a snapshot whose version is committed. A newer one of the same stream replaces it. */
  add(key: string, snapshot: SnapshotRow): void {
    if (this.waiting.size >= MAX_WAITING && !this.waiting.has(key)) {
      this.failed += 1;
      return;
    }
    this.waiting.set(key, snapshot);
    this.start();
  }

  get size(): number {
    return this.waiting.size;
  }

  /** A snapshot of this stream is not on its way to the store yet. */
  holds(key: string): boolean {
    return this.waiting.has(key);
  }

  /** Drops what waits: it was taken from a state that the log may have lost. */
  clear(): void {
    this.waiting.clear();
  }

  /** Resolves when everything added so far is written or dropped. */
  async flushed(): Promise<void> {
    while (this.writing) await this.writing;
  }

  private start(): void {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
  }

  private async writeAll(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // lets a batch gather
    while (this.waiting.size > 0) {
      const batch = [...this.waiting].slice(0, MAX_BATCH);
      for (const [key] of batch) this.waiting.delete(key);
      try {
        await this.sink.saveSnapshots(batch.map(([, snapshot]) => snapshot));
        this.written += batch.length;
      } catch (error) {
        this.failed += batch.length;
        this.onFailure(error);
      }
    }
  }
}
