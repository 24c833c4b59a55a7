import type { Actor } from '../actor/actor.js';
import type { IdleActors } from '../actor/idle-actors.js';
import type { LiveActors } from '../actor/live-actors.js';
import { stateOf } from './actor-state.js';
import { BestActors } from './best-actors.js';
import type { QuarantinedStreams } from './quarantine.js';
import type { ActorPage, ActorSort, ActorsQuestion } from './questions.js';

/** How much of a turn of the event loop a list may take. */
export interface Pacing {
  /** Milliseconds of a turn; a few more at most. */
  readonly turnMs: number;
  now(): number;
  /** Resolves in a later turn, when everything else had its share. */
  nextTurn(): Promise<void>;
}

/** What is listed. */
export interface ListedActors {
  readonly live: LiveActors;
  readonly idle: IdleActors;
  readonly quarantine: QuarantinedStreams;
  /** On the clock by which commands are received. */
  now(): number;
}

/** Actors between two looks at the clock. */
const STRIDE = 64;

/**
 * Lists actors a slice at a time. One list after the other, so that several who ask take no more of a
 * turn than one does. Every actor that is in memory all the while is gone over exactly once:
 *
 *   idle ones, then live ones (an idle one that wakes meanwhile is there), then those that became idle
 */
export class ActorList {
  private last: Promise<unknown> = Promise.resolve();
  private count = 0;

  constructor(
    private readonly actors: ListedActors,
    private readonly pacing: Pacing,
  ) {}

  page(question: ActorsQuestion): Promise<ActorPage> {
    const page = this.last.then(() => this.go(question));
    this.last = page.catch(() => undefined);
    return page;
  }

  private async go(question: ActorsQuestion): Promise<ActorPage> {
    const { pacing, actors } = this;
    const best = new BestActors(question.limit, question.after);
    this.count += 1;
    let [total, seen, turnSince] = [0, 0, pacing.now()];
    const added: Actor[] = [];
    const unwatch = actors.idle.watch(added);
    try {
      for (const actor of everyActor(actors, added)) {
        if (actor.listed !== this.count && this.matches(actor, question)) {
          total += 1;
          best.consider(actor, this.rankOf(actor, question.sort));
        }
        actor.listed = this.count;
        seen += 1;
        if (seen % STRIDE > 0 || pacing.now() - turnSince < pacing.turnMs) continue;
        await pacing.nextTurn();
        turnSince = pacing.now();
      }
    } finally {
      unwatch();
    }
    const page = best.placed.map(({ actor, rank }) => ({ ...this.summary(actor), rank }));
    return { actors: page, total };
  }

  private matches(actor: Actor, question: ActorsQuestion): boolean {
    const { aggregate, idPrefix, status, minMailbox } = question;
    return (
      actor.mailbox.size >= minMailbox &&
      (aggregate === undefined || actor.aggregate === aggregate) &&
      (idPrefix === undefined || actor.id.startsWith(idPrefix)) &&
      (status === undefined || this.stateOf(actor) === status)
    );
  }

  private rankOf(actor: Actor, sort: ActorSort): number {
    switch (sort) {
      case 'id':
        return 0;
      case 'mailbox':
        return actor.mailbox.size;
      case 'waiting':
        return headAgeMs(actor, this.actors.now());
      case 'uncommitted':
        return actor.uncommitted;
      case 'bytes':
        return actor.bytes;
    }
  }

  private stateOf(actor: Actor) {
    const { quarantine } = this.actors;
    return stateOf(actor, quarantine.size > 0 && quarantine.has(actor.key));
  }

  private summary(actor: Actor) {
    const { aggregate, id, mailbox, committed, uncommitted, bytes } = actor;
    return {
      ...{ aggregate, id, status: this.stateOf(actor), version: committed.version },
      ...{ mailbox: mailbox.size, headAgeMs: headAgeMs(actor, this.actors.now()) },
      ...{ uncommitted, bytes },
    };
  }
}

/** For how long the first command of a mailbox has waited; 0 if there is none. */
export function headAgeMs(actor: Actor, now: number): number {
  const head = actor.mailbox.peek();
  return head ? Math.max(0, Math.round(now - head.receivedAt)) : 0;
}

/** `added` grows while this goes on. */
function* everyActor({ idle, live }: ListedActors, added: readonly Actor[]): Iterable<Actor> {
  yield* idle.values();
  yield* live.values();
  yield* added;
}
