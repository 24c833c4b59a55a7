import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** A shard or the processor, as the host knows it across the starts of its thread. */
export interface LineHolder {
  readonly isRunning: boolean;
  /** Hands over one end of a line; the one before it has been closed, or is to be. */
  takeLine(line: MessagePort): void;
}

/**
 * The host's part in the lines between shards and processor: it makes one for each pair when both run, and
 * again when either was replaced. Without a processor there are none, and no shard pushes anything.
 */
export class PushLines {
  private readonly shards = new Map<number, LineHolder>();
  private processor: LineHolder | undefined;

  /** A shard runs, for the first time or again. */
  shardRuns(index: number, shard: LineHolder): void {
    this.shards.set(index, shard);
    this.connect(shard);
  }

  /** The processor runs, for the first time or again. */
  processorRuns(processor: LineHolder): void {
    this.processor = processor;
    for (const shard of this.shards.values()) this.connect(shard);
  }

  private connect(shard: LineHolder): void {
    if (!this.processor?.isRunning || !shard.isRunning) return;
    const { port1, port2 } = new MessageChannel();
    this.processor.takeLine(port2);
    shard.takeLine(port1);
  }
}
