import type { MessagePort } from 'node:worker_threads';
import type { Processor } from '../dispatcher/processor.js';
import { type FromPushing, readBatch, TAKEN_STEP, type ToPushing } from './push-protocol.js';

/** The processor's ends of the lines on which shards push what they commit. */
export class PushReceivers {
  private readonly lines = new Set<MessagePort>();

  constructor(private readonly processor: Pick<Processor, 'push' | 'fellBehind' | 'wake'>) {}

  take(line: MessagePort): void {
    const { processor } = this;
    let taken = 0;
    this.lines.add(line);
    line.on('message', ({ batch, behind, read }: FromPushing) => {
      if (behind) processor.fellBehind();
      if (read) processor.wake();
      if (!batch) return;
      processor.push(readBatch(batch));
      taken += batch.bytes;
      if (taken < TAKEN_STEP) return;
      line.postMessage({ taken } satisfies ToPushing);
      taken = 0;
    });
    line.once('close', () => {
      // Its shard has ended, perhaps between a commit and its push.
      if (this.lines.delete(line)) processor.wake();
    });
    line.unref();
  }

  close(): void {
    const lines = [...this.lines];
    this.lines.clear();
    for (const line of lines) line.close();
  }
}
