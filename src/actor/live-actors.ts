import type { Actor } from './actor.js';

/** Actors by aggregate and id. Two maps in a row, so that finding one builds no joint key. */
export class LiveActors {
  private readonly byAggregate = new Map<string, Map<string, Actor>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(aggregate: string, id: string): Actor | undefined {
    return this.byAggregate.get(aggregate)?.get(id);
  }

  add(actor: Actor): void {
    let actors = this.byAggregate.get(actor.aggregate);
    if (!actors) {
      actors = new Map();
      this.byAggregate.set(actor.aggregate, actors);
    }
    actors.set(actor.id, actor);
    this.count += 1;
  }

  /** False if the actor was not there. */
  delete(actor: Actor): boolean {
    const actors = this.byAggregate.get(actor.aggregate);
    if (actors?.get(actor.id) !== actor) return false;
    actors.delete(actor.id);
    this.count -= 1;
    return true;
  }

  /** Commands that wait in mailboxes: all, and those of the fullest one. */
  get waiting(): { readonly waiting: number; readonly most: number } {
    let [waiting, most] = [0, 0];
    for (const { mailbox } of this.values()) {
      waiting += mailbox.size;
      most = Math.max(most, mailbox.size);
    }
    return { waiting, most };
  }

  *values(): IterableIterator<Actor> {
    for (const actors of this.byAggregate.values()) yield* actors.values();
  }
}
