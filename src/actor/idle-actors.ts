import { LRUCache } from 'lru-cache';
import type { Actor } from './actor.js';

/** Bounds of what stays in memory without work. */
export interface IdleLimits {
  /** An actor idle for longer than this leaves memory. Milliseconds. */
  readonly idleMs: number;
  /** Used heap of the thread, in bytes, above which the longest idle actors leave. */
  readonly heapBytes: number;
}

/** Share of the idle actors that leaves at a time while the heap is over its budget. */
const HEAP_STEP = 0.1;

/**
 * The actors without work, longest idle first. Only these are held by the cache, and only the sweep
 * takes them out of it: the cache's own limits would drop busy or growing entries, and its time-outs
 * free nothing until they are asked for.
 */
export class IdleActors {
  private readonly cache = new LRUCache<string, Actor>({
    maxSize: Number.MAX_SAFE_INTEGER,
    sizeCalculation: () => 1,
  });
  /** The same actors: unlike the cache, a set can be gone over while some come and go. */
  private readonly members = new Set<Actor>();
  private readonly watchers = new Set<Actor[]>();

  get size(): number {
    return this.cache.size;
  }

  add(actor: Actor): void {
    this.cache.set(actor.key, actor);
    this.members.add(actor);
    for (const list of this.watchers) list.push(actor);
  }

  /** In no order, and as they are when each is reached. */
  values(): Iterable<Actor> {
    return this.members;
  }

  /** Puts those that are added from now on into `list` as well, until the returned function is called. */
  watch(list: Actor[]): () => void {
    this.watchers.add(list);
    return () => void this.watchers.delete(list);
  }

  /** Takes an actor out because it has work again. */
  take(key: string): Actor | undefined {
    const actor = this.cache.get(key);
    if (!actor) return undefined;
    this.cache.delete(key);
    this.members.delete(actor);
    return actor;
  }

  get(key: string): Actor | undefined {
    return this.cache.peek(key);
  }

  /** Takes out the actors that are to be passivated now. `usedHeap` is measured, never estimated. */
  sweep(limits: IdleLimits, nowMs: number, usedHeap: number): Actor[] {
    const passivated: Actor[] = [];
    const forced = usedHeap > limits.heapBytes ? Math.ceil(this.cache.size * HEAP_STEP) : 0;
    for (const key of [...this.oldest(limits, nowMs, forced)]) {
      const actor = this.take(key);
      if (actor) passivated.push(actor);
    }
    return passivated;
  }

  /** Empties the cache. */
  drain(): Actor[] {
    const all = [...this.cache.values()];
    this.cache.clear();
    this.members.clear();
    return all;
  }

  private *oldest(limits: IdleLimits, nowMs: number, forced: number): Iterable<string> {
    let count = 0;
    for (const actor of this.cache.rvalues()) {
      if (!actor || (count >= forced && nowMs - actor.idleSince < limits.idleMs)) return;
      count += 1;
      yield actor.key;
    }
  }
}
