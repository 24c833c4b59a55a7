import type { FeedBlame } from '../dispatcher/feed-blame.js';

/*
 * Memory that the processor writes and the host reads, also while its thread is blocked or dead: Float64
 * slots, 0 heartbeat counter, then for each consumer two pairs of positions, of the first and the last event
 * that it is handling, and that it is building from, or 0: between two statements of one batch another one runs.
 */
const FIRST = 1;
const PER_CONSUMER = 4;
const BUILDING = 2;

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

  /** What notes the events that a consumer has. */
  blame(index: number): FeedBlame {
    return this.pair(FIRST + PER_CONSUMER * index);
  }

  /** What notes that a consumer builds what it writes. */
  building(index: number): FeedBlame {
    return this.pair(FIRST + PER_CONSUMER * index + BUILDING);
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
  /** It was building, not handling. */
  readonly isBuilding: boolean;
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
    const isBuilding = (at - FIRST) % PER_CONSUMER === BUILDING;
    if (from > 0 && upTo > 0) suspects.push({ index, isBuilding, from, upTo });
  }
  return { heartbeat: slots[0] ?? 0, suspects };
}
