import type { Actor } from '../actor/actor.js';

/**
 * Actors that have something to decide, first come first served. They run in a microtask after the
 * message that brought their commands, so that all of it is decided into one batch.
 */
export class RunQueue {
  private ready: Actor[] = [];
  private paused: Actor[] = [];
  private running = false;

  constructor(private readonly work: (actor: Actor) => void) {}

  add(actor: Actor): void {
    if (actor.scheduled) return;
    actor.scheduled = true;
    this.ready.push(actor);
    this.start();
  }

  /** Keeps an actor until there is room for decisions again. */
  pause(actor: Actor): void {
    if (actor.scheduled) return;
    actor.scheduled = true;
    this.paused.push(actor);
  }

  /** There is room again. */
  resume(): void {
    if (this.paused.length === 0) return;
    this.ready.push(...this.paused);
    this.paused = [];
    this.start();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    queueMicrotask(() => this.run());
  }

  private run(): void {
    for (let i = 0; i < this.ready.length; i++) {
      const actor = this.ready[i] as Actor;
      actor.scheduled = false;
      this.work(actor);
    }
    this.ready = [];
    this.running = false;
  }
}
