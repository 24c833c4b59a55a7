import { createHash } from 'node:crypto';
import type { MachineEvent } from './saga-input.js';
import type { SagaLog } from './saga-log.js';
import type { ArmedTimer, SagaCommand, SagaEffect, SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** Of the step to which changes belong. */
export interface StepPlace {
  readonly saga: string;
  /** Id of the instance. */
  readonly id: string;
  /** Number of the step. */
  readonly step: number;
  /** The instance's time in it. */
  readonly at: number;
}

/** Idempotency keys have at most so many bytes. */
const MAX_KEY_BYTES = 255;
/** The latest instant that JavaScript has. */
const LATEST = 8.64e15;

type Changes = Pick<
  Stepped,
  'commands' | 'timersSet' | 'timersCancelled' | 'effects' | 'effectsCancelled'
>;

/** Nothing sent, set or cancelled. */
export const NO_CHANGES: Changes = {
  commands: [],
  timersSet: [],
  timersCancelled: [],
  effects: [],
  effectsCancelled: [],
};

/** Gathers what a machine does in one step, in its order. */
export class StepChanges {
  readonly logs: SagaLog[] = [];
  readonly #commands: SagaCommand[] = [];
  readonly #effects: SagaEffect[] = [];
  readonly #effectsCancelled: string[] = [];
  readonly #timers: Map<string, ArmedTimer>;
  #generation: number;
  #numbered = 0;

  constructor(
    readonly place: StepPlace,
    private readonly before: SagaState,
  ) {
    this.#timers = new Map(Object.entries(before.timers));
    this.#generation = before.generation;
  }

  send(command: Omit<SagaCommand, 'key'>): void {
    this.#commands.push({ key: this.#nextKey(), ...command });
  }

  run(effect: Omit<SagaEffect, 'key'>): void {
    this.#effects.push({ key: this.#nextKey(), ...effect });
  }

  /** The promise of this `invoke` is not wanted any more. Those that began in this very step never run. */
  stopInvoked(invoke: string): void {
    const begun = this.#effects.findIndex((effect) => effect.invoke === invoke);
    if (begun >= 0) {
      this.#effects.splice(begun, 1);
      return;
    }
    for (const effect of Object.values(this.before.effects))
      if (effect.invoke === invoke && !this.#effectsCancelled.includes(effect.key))
        this.#effectsCancelled.push(effect.key);
  }

  stopEffects(): void {
    this.#effects.length = 0;
    this.#effectsCancelled.splice(0, Infinity, ...Object.keys(this.before.effects));
  }

  /** Without a name it cannot be cancelled, nor be replaced. */
  arm(name: string | undefined, delayMs: number, event: MachineEvent): void {
    const generation = ++this.#generation;
    const key = name ?? `unnamed-${generation}`;
    const due = Math.min(this.place.at + Math.max(0, Math.round(delayMs)), LATEST);
    this.#timers.set(key, { key, generation, due, event });
  }

  disarm(key: string): void {
    this.#timers.delete(key);
  }

  disarmAll(): void {
    this.#timers.clear();
  }

  get armed(): Iterable<ArmedTimer> {
    return this.#timers.values();
  }

  /** All of it, for the record of the step. */
  get all(): Changes {
    const { timers } = this.before;
    const after = [...this.#timers.values()];
    return {
      commands: this.#commands,
      timersSet: after.filter(({ key, generation }) => timers[key]?.generation !== generation),
      timersCancelled: Object.values(timers)
        .filter(({ key }) => !this.#timers.has(key))
        .map(({ key, generation }) => ({ key, generation })),
      effects: this.#effects,
      effectsCancelled: this.#effectsCancelled,
    };
  }

  #nextKey(): string {
    const { saga, id, step } = this.place;
    this.#numbered += 1;
    const key = `saga/${saga}/${id}/${step}/${this.#numbered}`;
    if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
    const short = createHash('sha256').update(id).digest('base64url');
    return `saga/${saga}/sha256:${short}/${step}/${this.#numbered}`;
  }
}
