import type { ResolvedCommand } from '../aggregate/command-spec.js';
import type { Actor } from './actor.js';

/*
 * Most commands that begin a stream come to an actor that is in nobody's memory, and to read the log for
 * it finds nothing. So where this has been found a hundred times in a row for a command, it is decided as on
 * a new stream without asking, and the append is the proof: an event of version 1 is stored only where there
 * is none. If there was one, the batch is stored without it, the actor is loaded and the command decided
 * again; from then on that command is not trusted until it has begun a hundred streams more.
 *
 * What the append would not prove is never answered on a guess: rejections, answers without events, queries,
 * failures. Deciders with effects are not run on one.
 */

/** So seldom, at most, is a batch stored twice for a wrong guess. */
const FINDS = 100;

/** Tells which commands may be expected to begin a stream. */
export class NewStreams {
  private readonly finds = new Map<ResolvedCommand, number>();

  /** @param after reads in a row that have to find nothing before a command is trusted */
  constructor(private readonly after = FINDS) {}

  /** Whether a cold actor's stream can be taken to be new: by the command that waits first. */
  expects(actor: Actor): boolean {
    const first = actor.mailbox.peek();
    if (!first?.spec || actor.companion) return false;
    return (this.finds.get(first.spec) ?? 0) >= this.after;
  }

  /** The log was read for a cold actor. */
  found(actor: Actor): void {
    const spec = actor.mailbox.peek()?.spec;
    if (!spec || spec.kind === 'existing') return;
    this.finds.set(spec, actor.version === 0 ? (this.finds.get(spec) ?? 0) + 1 : 0);
  }
}
