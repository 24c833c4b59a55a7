import type { Answer } from '../messages/answer.js';
import type { EventRow } from '../messages/event.js';
import type { OutcomeRow } from '../store/outcomes.js';
import type { Actor } from './actor.js';
import type { DecidedTimers } from './decide-timers.js';
import type { QueuedCommand } from './queued-command.js';

/** What an actor decided for one command. It is answered when what it was decided on is durable. */
export interface Decision {
  readonly actor: Actor;
  readonly command: QueuedCommand;
  /** Events to store; none for a rejection, refusal, failure, query or no-op. */
  readonly rows: readonly EventRow[];
  readonly fromVersion: number;
  readonly toVersion: number;
  /** What it does to timers, where the aggregate has some: stored with the events. */
  readonly timers: DecidedTimers | undefined;
  /** To be stored with the events, for a keyed command. */
  readonly outcome: OutcomeRow | undefined;
  /** JSON text of the state at `toVersion`, when a snapshot is due. */
  readonly snapshot: string | undefined;
  /** Size of what is stored, for the bound of a batch. */
  readonly bytes: number;
  /** The answer, given the positions of the rows and the position of the stream's last event. */
  answer(positions: readonly number[], lastPosition: number): Answer;
}

/** How many rows it stores: its events, and what it does to timers. */
export function rowCount({ rows, timers }: Decision): number {
  return rows.length + (timers?.rows.length ?? 0);
}
