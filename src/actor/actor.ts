import type { Aggregate } from '../aggregate/define-aggregate.js';
import { Mailbox } from '../mailbox/mailbox.js';
import { streamKey } from '../messages/ids.js';
import type { QueuedCommand } from './queued-command.js';

/*
 * The states of an actor:
 *
 *   cold --first command--> loading --loaded--> ready <--> deciding   (an async decider runs)
 *                              ^                  |
 *                              |                  +--decider or evolver threw--> draining
 *                              |                  +--cut out of a failed batch--> backingOff
 *                              +---none of its rows in flight, delay over------------+
 *
 * Commands are decided only in `ready`. An actor that is ready, has an empty mailbox and nothing
 * uncommitted is idle and may leave memory at any moment.
 */
export type ActorStatus = 'cold' | 'loading' | 'ready' | 'deciding' | 'draining' | 'backingOff';

/** The last event that is known to be committed. Version 0 and position 0 where there is none. */
export interface Committed {
  readonly version: number;
  readonly position: number;
  readonly commandId: string;
}

export const NOTHING_COMMITTED: Committed = { version: 0, position: 0, commandId: '' };

/** The live instance of an aggregate id: mailbox, state and version. The shard moves it between its states. */
export class Actor {
  status: ActorStatus = 'cold';
  readonly mailbox = new Mailbox<QueuedCommand>();
  /** State with all decided events, committed or not; what `decide` gets. */
  state: unknown;
  /** Version of `state`. */
  version = 0;
  committed: Committed = NOTHING_COMMITTED;
  /** Nothing was read: that its stream is new is a guess, which its first events prove. See `NewStreams`. */
  isAssumed = false;
  /** Highest version that others are known to have appended, 0 if none since it last caught up. */
  seenVersion = 0;
  /** It catches up, or did, for what others appended: that alone does not keep it in memory. */
  refreshed = false;
  /** Decisions that are not settled yet. */
  uncommitted = 0;
  /** Raised whenever state is thrown away: results of async deciders begun before are then dropped. */
  generation = 0;
  /** Version of the last snapshot taken. */
  snapshotVersion = 0;
  /** Its state could not be a snapshot, and that was reported. */
  snapshotFailed = false;
  /** Bytes of the last serialised state; ranks actors, measures nothing. */
  bytes = 0;
  /** Commands with an idempotency key that are waiting or uncommitted, by key. */
  keys: Map<string, QueuedCommand> | undefined;
  /** Waits in the run queue. */
  scheduled = false;
  /** Decisions in a row that threw. */
  failures = 0;
  /** Times in a row that a stranger's lock kept its decisions out of the log. */
  blocked = 0;
  /** Unix milliseconds at which it became idle. */
  idleSince = 0;
  /** Its timers, where its aggregate has some: folded as an actor's state is, and moved with this one. */
  readonly companion: Actor | undefined;
  /** Times it was loaded or brought up to date since it came into memory, and what the last time took. */
  recoveries = 0;
  recoveryMs = 0;
  recoveryEvents = 0;
  /** What an async decider runs for. */
  deciding: QueuedCommand | undefined;
  /** When that began, on the clock by which commands are received. */
  decidingSince = 0;
  /** Number of the last list that went over it. */
  listed = 0;

  constructor(
    readonly key: string,
    readonly id: string,
    readonly slice: number,
    readonly definition: Aggregate,
  ) {
    const { timers } = definition;
    this.companion = timers && new Actor(streamKey(timers.storedAs, id), id, slice, timers);
  }

  /** Its name in the log. */
  get aggregate(): string {
    return this.definition.storedAs;
  }

  get isIdle(): boolean {
    return this.status === 'ready' && this.uncommitted === 0 && this.mailbox.size === 0;
  }

  /** Its events are in the log up to there: so its stream was as it took it to be. */
  stored(committed: Committed): void {
    this.isAssumed = false;
    this.committed = committed;
  }

  /** Forgets the state; what is committed stays known. */
  forgetState(): void {
    this.generation += 1;
    this.state = undefined;
    this.version = this.committed.version;
    this.companion?.forgetState();
  }
}
