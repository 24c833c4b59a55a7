import type { MessagePort } from 'node:worker_threads';
import type { StoredBatch } from '../shard/shard-output.js';
import { CELL, type Figures } from '../telemetry/figures.js';
import { type FromPushing, flatBatch, PUSH_CREDIT, type ToPushing } from './push-protocol.js';

/** Pushes what its shard stores to the processor, while there is one. Without one it costs nothing. */
export class PushSender {
  private line: MessagePort | undefined;
  private credit = PUSH_CREDIT;
  private isBehind = false;

  constructor(private readonly figures: Figures) {}

  /** Pushes on this line from now on. */
  take(line: MessagePort): void {
    this.line?.close();
    this.line = line;
    this.credit = PUSH_CREDIT;
    this.isBehind = false;
    line.on('message', ({ taken }: ToPushing) => this.takeBack(line, taken));
    line.once('close', () => {
      if (this.line === line) this.line = undefined;
    });
    line.unref(); // the shard decides how long its thread lives
    this.askToRead(); // what was stored before is not pushed
  }

  push(batch: StoredBatch): void {
    if (!this.line) return;
    if (this.credit <= 0) return this.drop();
    const flat = flatBatch(batch);
    this.credit -= flat.bytes;
    this.post({ batch: flat });
    this.figures.add(CELL.pushes);
  }

  /** Something may stand in the log that was not pushed. */
  askToRead(): void {
    this.post({ read: true });
  }

  close(): void {
    this.line?.close();
    this.line = undefined;
  }

  private drop(): void {
    this.figures.add(CELL.pushes + 1);
    if (this.isBehind) return;
    this.isBehind = true;
    this.post({ behind: true });
  }

  private takeBack(line: MessagePort, bytes: number): void {
    if (this.line !== line) return;
    this.credit += bytes;
    if (!this.isBehind || this.credit <= 0) return;
    this.isBehind = false;
    this.askToRead(); // what was dropped last leaves no hole if nothing follows
  }

  private post(message: FromPushing): void {
    this.line?.postMessage(message);
  }
}
