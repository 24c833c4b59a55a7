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
  return b.rank - a.rank || compareNames(a, b);
}

type Names = Pick<Place, 'aggregate' | 'id'>;

function compareNames(a: Names, b: Names): number {
  // Most are of one aggregate, and the same text: no need to go through it.
  if (a.aggregate === b.aggregate) return compareCodePoints(a.id, b.id);
  return compareCodePoints(a.aggregate, b.aggregate);
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
    if (this.after && compare(actor, rank, this.after) <= 0) return;
    const last = this.best.at(-1);
    const isFull = this.best.length >= this.limit;
    if (isFull && last && compare(actor, rank, last) > 0) return;
    const { aggregate, id } = actor;
    this.best.splice(this.placeOf(actor, rank), 0, { rank, aggregate, id, actor });
    if (isFull) this.best.pop();
  }

  get placed(): readonly Placed[] {
    return this.best;
  }

  private placeOf(actor: Actor, rank: number): number {
    let [low, high] = [0, this.best.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(actor, rank, this.best[middle] as Placed) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** As `comparePlaces`, without a place being made of the actor. */
function compare(actor: Actor, rank: number, other: Place): number {
  return other.rank - rank || compareNames(actor, other);
}
