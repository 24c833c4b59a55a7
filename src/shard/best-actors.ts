import type { Actor } from '../actor/actor.js';
import { compareCodePoints } from '../messages/ids.js';

/** Where an actor stands in a list; a list goes on after the place of its last one. Plain data. */
export interface Place {
  /** The figure that the list is sorted by, 0 where it is sorted by id. */
  readonly rank: number;
  readonly aggregate: string;
  readonly id: string;
}

/** Orders places: the highest rank first, then by aggregate and id. */
export function comparePlaces(a: Place, b: Place): number {
  return (
    b.rank - a.rank || compareCodePoints(a.aggregate, b.aggregate) || compareCodePoints(a.id, b.id)
  );
}

interface Placed extends Place {
  readonly actor: Actor;
}

/** The first so many places after a given one, of all that are considered; never holds more. */
export class BestActors {
  private readonly best: Placed[] = [];

  constructor(
    private readonly limit: number,
    private readonly after?: Place,
  ) {}

  consider(actor: Actor, rank: number): void {
    const { aggregate, id } = actor;
    const place = { rank, aggregate, id, actor };
    if (this.after && comparePlaces(place, this.after) <= 0) return;
    const last = this.best.at(-1);
    const isFull = this.best.length >= this.limit;
    if (isFull && last && comparePlaces(place, last) > 0) return;
    this.best.splice(this.placeOf(place), 0, place);
    if (isFull) this.best.pop();
  }

  get placed(): readonly Placed[] {
    return this.best;
  }

  private placeOf(place: Place): number {
    let [low, high] = [0, this.best.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePlaces(this.best[middle] as Placed, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
