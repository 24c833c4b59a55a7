import { type Blame, PHASES } from '../actor/blame.js';

/*
 * Memory that a shard writes and the host reads, also while the shard's thread is blocked or dead:
 * Float64 slots (a ref does not fit into 32 bits): 0 heartbeat counter, 1 phase, 2 ref of the command.
 */
const SLOTS = 3;
const HEARTBEAT = 0;
const PHASE = 1;
const REF = 2;

/** Makes the memory for one shard. */
export function createSlots(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT);
}

/** The shard's side: heartbeats, and which user code runs for which command. */
export class SlotWriter implements Blame {
  private readonly slots: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.slots = new Float64Array(memory);
  }

  beat(): void {
    this.slots[HEARTBEAT] = (this.slots[HEARTBEAT] ?? 0) + 1;
  }

  enter(phase: (typeof PHASES)[number], ref: number): void {
    this.slots[REF] = ref;
    this.slots[PHASE] = PHASES.indexOf(phase);
  }

  leave(): void {
    this.slots[PHASE] = 0;
  }
}

/** What a shard was last known to do. */
export interface SlotReading {
  readonly heartbeat: number;
  readonly phase: (typeof PHASES)[number];
  readonly ref: number;
}

/** The host's side. */
export function readSlots(memory: SharedArrayBuffer): SlotReading {
  const slots = new Float64Array(memory);
  return {
    heartbeat: slots[HEARTBEAT] ?? 0,
    phase: PHASES[slots[PHASE] ?? 0] ?? 'none',
    ref: slots[REF] ?? 0,
  };
}
