import { LRUCache } from 'lru-cache';
import type { Reply } from '../messages/answer.js';
import { evolveSaga } from './evolve-saga.js';
import { NEW_SAGA, type SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** More than are under way at a time. */
const MAX_INSTANCES = 5_000;
const MAX_RELAYS = 5_000;

/**
 * What one process knows of a saga's instances in event time, to ask them less. Only a memory: of an
 * instance at step n all is known or nothing, and whoever acts on it says n, so that one that others have
 * moved meanwhile refuses.
 */
export class KnownInstances {
  private readonly states = new LRUCache<string, SagaState>({ max: MAX_INSTANCES });
  private readonly relays = new LRUCache<string, Promise<readonly Stepped[]>>({ max: MAX_RELAYS });

  /** Without the machine's snapshot. */
  get(id: string): SagaState | undefined {
    return this.states.get(id);
  }

  forget(id: string): void {
    this.states.delete(id);
  }

  /** There is none yet. */
  isNew(id: string): void {
    this.states.set(id, NEW_SAGA);
  }

  /** Takes the state that an answer carries. */
  learn(id: string, reply: Reply): void {
    if (reply.kind === 'accepted' && reply.state !== undefined)
      this.states.set(id, slim(JSON.parse(reply.state) as SagaState));
  }

  /** Takes steps in their order; older ones are known. */
  fold(id: string, steps: readonly Stepped[]): void {
    for (const stepped of steps) {
      const state = this.states.get(id);
      if (!state) return;
      if (stepped.step === state.step + 1) this.states.set(id, slim(evolveSaga(state, stepped)));
      else if (stepped.step > state.step) this.forget(id);
    }
  }

  /**
   * Relays a command unless somebody here has done it, or is about to: then gives what that comes to. A step's
   * commands are relayed by whoever moves the instance, who waits for them, and by who follows the log.
   */
  relayOnce(key: string, relay: () => Promise<readonly Stepped[]>): Promise<readonly Stepped[]> {
    const underWay = this.relays.get(key);
    if (underWay) return underWay;
    const work = relay();
    this.relays.set(key, work);
    // Whoever waits hears of it; the next one tries anew.
    work.catch(() => void this.relays.delete(key));
    return work;
  }
}

function slim(state: SagaState): SagaState {
  return { ...state, snapshot: null, output: null, held: [] };
}
