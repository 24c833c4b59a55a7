import { expect } from 'vitest';
import type { LogTail } from '../../../src/dispatcher/log-tail.js';
import type { PlayedLog } from './played-log.js';

/** Reads as a subscription does: what the tail holds, and what it does not from the log, up to its end. */
export class Reader {
  readonly seen: number[] = [];
  readonly commandIds: string[] = [];

  constructor(
    private readonly log: PlayedLog,
    private readonly tail: () => LogTail,
  ) {}

  /** As often as it is told; `from`: what it saw above that is forgotten. */
  consume(batches = Number.POSITIVE_INFINITY, from = Number.POSITIVE_INFINITY): void {
    const known = this.seen.filter((position) => position <= from).length;
    this.seen.length = known;
    this.commandIds.length = known;
    for (let i = 0; i < batches; i++) {
      const { end } = this.tail();
      const after = this.seen.at(-1) ?? 0;
      if (!end || end.position <= after) return;
      const held = this.tail().after(after, 4, () => true);
      const events = held ? held.events : this.log.now(after, end.position).slice(0, 4);
      if (events.length === 0) return;
      for (const { position, commandId } of events) {
        expect(position).toBeGreaterThan(this.seen.at(-1) ?? 0);
        this.seen.push(position);
        this.commandIds.push(commandId);
      }
      // Nothing below may be missing: what is passed is never read again.
      expect(this.log.now(0, this.seen.at(-1)).map((event) => event.position)).toEqual(this.seen);
    }
  }
}
