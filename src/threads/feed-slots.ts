import type { FeedBlame } from '../dispatcher/feed-blame.js';

/*
 * Memory that the processor writes and the host reads, also while its thread is blocked or dead: Float64
 * slots, 0 heartbeat counter, then for each consumer a pair of positions for each kind of work, of the first
 * and the last event that it has, or 0: between two statements of one batch another one runs.
 */
const FIRST = 1;
/** Batches, the build of a raised version, what an operator has asked for. */
const KINDS = ['batch', 'build', 'operation'] as const;
const PER_CONSUMER = 2 * KINDS.length;

/** Makes the memory for so many consumers. */
export function createFeedSlots(consumers: number): SharedArrayBuffer {
  return new SharedArrayBuffer((FIRST + PER_CONSUMER * consumers) * Float64Array.BYTES_PER_ELEMENT);
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

  /** What notes the events that a consumer has for a kind of work. */
  blame(index: number, kind: FeedSuspect['kind']): FeedBlame {
    return this.pair(FIRST + PER_CONSUMER * index + 2 * KINDS.indexOf(kind));
  }

  private pair(at: number): FeedBlame {
    const { slots } = this;
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
  readonly suspects: readonly FeedSuspect[];
}

/** Code of the domain that ran, by the place of its consumer. */
export interface FeedSuspect {
  readonly index: number;
  readonly kind: (typeof KINDS)[number];
  readonly from: number;
  readonly upTo: number;
}

/** The host's side. */
export function readFeedSlots(memory: SharedArrayBuffer): FeedSlotReading {
  const slots = new Float64Array(memory);
  const suspects: FeedSuspect[] = [];
  for (let at = FIRST; at < slots.length; at += 2) {
    const [from = 0, upTo = 0] = slots.subarray(at, at + 2);
    const index = Math.floor((at - FIRST) / PER_CONSUMER);
    const kind = KINDS[((at - FIRST) % PER_CONSUMER) / 2] ?? 'batch';
    if (from > 0 && upTo > 0) suspects.push({ index, kind, from, upTo });
  }
  return { heartbeat: slots[0] ?? 0, suspects };
}
