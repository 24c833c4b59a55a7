import type { FeedBlame } from '../dispatcher/handling.js';

/*
 * Memory that the processor writes and the host reads, also while its thread is blocked or dead: Float64
 * slots, 0 heartbeat counter, then for each consumer the positions of the first and the last event that it
 * is handling, or 0. One pair each: between two statements of one batch another one runs.
 */
const FIRST = 1;

/** Makes the memory for so many consumers. */
export function createFeedSlots(consumers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((FIRST + 2 * consumers) * Float64Array.BYTES_PER_ELEMENT);
}

/** The processor's side. */
export class FeedSlotWriter {
  private readonly slots: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.slots = new Float64Array(memory);
  }

  beat(): void {
    this.slots[0] = (this.slots[0] ?? 0) + 1;
  }

  /** What notes the events that a consumer has. */
  blame(index: number): FeedBlame {
    const { slots } = this;
    const at = FIRST + 2 * index;
    return {
      enter(from, upTo) {
        slots[at] = from;
        slots[at + 1] = upTo;
      },
      leave() {
        slots[at] = 0;
        slots[at + 1] = 0;
      },
    };
  }
}

/** What the processor was last known to do. */
export interface FeedSlotReading {
  readonly heartbeat: number;
  /** Consumers that had events, by their place. */
  readonly suspects: readonly {
    readonly index: number;
    readonly from: number;
    readonly upTo: number;
  }[];
}

/** The host's side. */
export function readFeedSlots(memory: SharedArrayBuffer): FeedSlotReading {
  const slots = new Float64Array(memory);
  const suspects: { index: number; from: number; upTo: number }[] = [];
  for (let at = FIRST; at < slots.length; at += 2) {
    const [from = 0, upTo = 0] = slots.subarray(at, at + 2);
    if (from > 0 && upTo > 0) suspects.push({ index: (at - FIRST) / 2, from, upTo });
  }
  return { heartbeat: slots[0] ?? 0, suspects };
}
