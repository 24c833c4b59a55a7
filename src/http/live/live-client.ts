import { type Frame, frameText, HEARTBEAT, RETRY } from './frame.js';
import type { Sink } from './sink.js';

/*
 *   offered --room--> queue --one write at a time, each awaited--> client
 *      |
 *      +--no room: refused. Who offers decides: it waits for room, or clears the queue by a reset
 *
 * A client that takes nothing of a write for a minute is dropped.
 */

/** Bounds of what waits for one client. */
export interface LiveLimits {
  readonly maxFrames: number;
  /** Characters; a single frame may be larger. */
  readonly maxChars: number;
  readonly heartbeatMs: number;
  /** How long a write may take. */
  readonly dropAfterMs: number;
}

export const LIVE_LIMITS: LiveLimits = {
  maxFrames: 256,
  maxChars: 1024 * 1024,
  heartbeatMs: 15_000,
  dropAfterMs: 60_000,
};

/** One client of a live stream, with a bounded queue. */
export class LiveClient {
  private queue: string[] = [RETRY];
  private chars = 0;
  private isWriting = false;
  private isEnding = false;
  private writingSince = 0;
  private readonly waiting = new Set<() => void>();
  private readonly beat: NodeJS.Timeout;

  constructor(
    private readonly sink: Sink,
    private readonly limits: LiveLimits = LIVE_LIMITS,
  ) {
    this.beat = setInterval(() => this.tick(), limits.heartbeatMs);
    this.beat.unref();
    sink.gone.addEventListener('abort', () => this.letGo());
    if (sink.gone.aborted) this.letGo();
    else void this.pump();
  }

  /** Aborted when the client is gone. */
  get gone(): AbortSignal {
    return this.sink.gone;
  }

  /** Nothing more is taken: it is gone, or is being ended. */
  get isOver(): boolean {
    return this.isEnding || this.gone.aborted;
  }

  /** Nothing waits for it. */
  get isIdle(): boolean {
    return this.queue.length === 0 && !this.isWriting;
  }

  /** Queues a frame; false if there is no room, and then nothing of it was kept. */
  offer(frame: Frame): boolean {
    const { maxFrames, maxChars } = this.limits;
    if (this.isOver) return false;
    const text = frameText(frame);
    const isFull = this.queue.length >= maxFrames || this.chars + text.length > maxChars;
    if (isFull && this.queue.length > 0) return false;
    this.put(text);
    return true;
  }

  /** Drops what waits, and queues this in its place. */
  reset(frame: Frame): void {
    this.queue = [];
    this.chars = 0;
    if (!this.isOver) this.put(frameText(frame));
  }

  /** Resolves when something was taken; false if nothing was for so long, or the client is gone. */
  async taken(withinMs: number): Promise<boolean> {
    const before = this.queue.length;
    if (before > 0 && !this.gone.aborted)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, withinMs);
        this.waiting.add(done);
      });
    return !this.gone.aborted && this.queue.length < Math.max(1, before);
  }

  /** Ends the stream once what waits was taken. */
  end(): void {
    this.isEnding = true;
    if (this.isIdle) this.sink.end();
  }

  private put(text: string): void {
    this.queue.push(text);
    this.chars += text.length;
    if (!this.isWriting) void this.pump();
  }

  private async pump(): Promise<void> {
    this.isWriting = true;
    for (let text = this.queue.shift(); text !== undefined; text = this.queue.shift()) {
      this.chars = Math.max(0, this.chars - text.length);
      this.writingSince = performance.now();
      for (const done of [...this.waiting]) done();
      if (!(await this.sink.write(text))) break;
    }
    this.isWriting = false;
    if (this.isEnding) this.sink.end();
  }

  private tick(): void {
    if (!this.isWriting) this.put(HEARTBEAT);
    else if (performance.now() - this.writingSince > this.limits.dropAfterMs) this.sink.drop();
  }

  private letGo(): void {
    clearInterval(this.beat);
    this.queue = [];
    for (const done of [...this.waiting]) done();
  }
}
