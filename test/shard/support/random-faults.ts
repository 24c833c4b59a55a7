import { fails, losesAnswer, losesStatement, unavailable } from '../../support/faults.js';
import type { Fault, FaultyStore, Operation } from '../../support/faulty-store.js';

/** A small pseudo-random generator (mulberry32), so that a seed tells the whole run. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const APPEND_FAULTS: readonly Fault<'append'>[] = [
  losesAnswer,
  losesStatement,
  fails('conflict'),
  fails('unavailable'),
  fails('fenced'),
  fails('broken'),
];
const READS: readonly Operation[] = [
  'load',
  'heads',
  'findOutcomes',
  'readRanges',
  'fence',
  'saveSnapshots',
];

/** Lets about every fifth append and every tenth of all else fail, in all the ways there are. */
export function randomFaults(store: FaultyStore, seed: number): void {
  const random = randomOf(seed);
  const never = (): boolean => random() > 0.2;
  const append: Fault<'append'> = (call) => {
    if (never()) return call.go();
    return (APPEND_FAULTS[Math.floor(random() * APPEND_FAULTS.length)] as Fault<'append'>)(call);
  };
  store.always('append', append);
  for (const operation of READS) {
    const fault: Fault<typeof operation> = (call) =>
      random() > 0.1 ? call.go() : unavailable(call);
    store.always(operation, fault);
  }
}
