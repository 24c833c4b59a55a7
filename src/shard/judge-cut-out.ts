import type { Actor } from '../actor/actor.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import type { CutReason } from './group-commit.js';
import { contended, unavailable } from './refusals.js';
import type { Replies } from './replies.js';

const CONFLICT_BACKOFF: Backoff = { firstMs: 1, maxMs: 50 };
const BLOCKED_BACKOFF: Backoff = { firstMs: 100, maxMs: 5000 };

/** Why an actor was cut out of a batch, and what to answer with. */
export interface CutOut {
  readonly reason: CutReason;
  readonly cause: Error;
  readonly maxConflicts: number;
  readonly replies: Replies;
}

/** Takes out of `commands` what is answered now; returns how long the actor waits before it catches up. */
export function judgeCutOut(
  actor: Actor,
  commands: QueuedCommand[],
  { reason, cause, maxConflicts, replies }: CutOut,
): number {
  const first = commands[0];
  switch (reason) {
    case 'conflict': {
      if (!first) return 0;
      first.conflicts += 1;
      if (first.conflicts <= maxConflicts)
        return first.conflicts === 1 ? 0 : backoffMs(CONFLICT_BACKOFF, first.conflicts);
      commands.shift();
      replies.refuse(actor, first, contended(first.conflicts - 1));
      return 0;
    }
    case 'locked':
      actor.blocked += 1;
      return backoffMs(BLOCKED_BACKOFF, actor.blocked);
    case 'invalid':
      if (first) replies.failUnstorable(actor, commands.shift() as QueuedCommand, cause);
      return 0;
    case 'broken':
      for (const command of commands.splice(0)) replies.refuse(actor, command, unavailable(cause));
      return 0;
    case 'refenced':
      return 0;
  }
}
