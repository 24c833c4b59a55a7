import type { PlainError } from '../messages/plain-error.js';
import type { Quarantine } from '../store/operations.js';
import type { StreamName } from '../store/store.js';
import type { Place } from './best-actors.js';

/*
 * What a shard can be asked beside commands: plain data, since it crosses a port. Asking changes nothing
 * but for what operators do.
 */

/**
 * What an actor does. `recovering`: it is being loaded or brought up to date; `busy`: commands wait or are
 * decided; `committing`: nothing waits, what it decided is not durable yet; `backingOff`: it waits before
 * it tries again; `quarantined`: an operator keeps commands from it; `passivating`: it has left memory and
 * its snapshot is not written yet; `notLive`: it is not in memory.
 */
export type ActorState =
  | 'recovering'
  | 'idle'
  | 'busy'
  | 'committing'
  | 'backingOff'
  | 'quarantined'
  | 'passivating'
  | 'notLive';

/** Order of a list of actors: by id, or the highest of a figure first. */
export type ActorSort = 'id' | 'mailbox' | 'waiting' | 'uncommitted' | 'bytes';

/** Which actors are listed, and from where on. Names of aggregates are those in the log. */
export interface ActorsQuestion {
  readonly aggregate?: string | undefined;
  readonly idPrefix?: string | undefined;
  readonly status?: ActorState | undefined;
  readonly minMailbox: number;
  readonly sort: ActorSort;
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** A live actor in a list. */
export interface ActorSummary extends StreamName {
  readonly status: ActorState;
  /** Last version that is committed. */
  readonly version: number;
  /** Commands that wait. */
  readonly mailbox: number;
  /** For how long the first of them has waited. Milliseconds; 0 if none waits. */
  readonly headAgeMs: number;
  /** Decisions that are not durable yet. */
  readonly uncommitted: number;
  /** Size of its state when it was last serialised; 0 if it never was. */
  readonly bytes: number;
}

/** A page of live actors of one shard. */
export interface ActorPage {
  readonly actors: readonly (ActorSummary & { readonly rank: number })[];
  /** Actors that match, on all pages. */
  readonly total: number;
}

/** A command that an actor works on or has answered. */
export interface CommandNote {
  readonly type: string;
  readonly commandId: string;
  readonly outcome: 'accepted' | 'rejected' | 'refused' | 'failed';
  /** Of a rejection or refusal; of a failure what was thrown. */
  readonly code: string | undefined;
  /** From its arrival in the shard to its answer. Milliseconds. */
  readonly durationMs: number;
  /** Unix milliseconds of its answer. */
  readonly at: number;
}

/** The last command of an actor that was refused or failed. */
export interface ErrorNote {
  readonly type: string;
  readonly commandId: string;
  readonly code: string;
  readonly message: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** A command that is being worked on. */
export interface CommandAtWork {
  readonly type: string;
  readonly commandId: string;
  /** `deciding`: an async decider runs; `committing`: it is decided and not durable yet. */
  readonly phase: 'deciding' | 'committing';
  /** Since its arrival in the shard: the time that it waited in the mailbox counts. Milliseconds. */
  readonly ageMs: number;
  /** How long its async decider has been running. Milliseconds; undefined while it is `committing`. */
  readonly decidingMs: number | undefined;
  readonly attempts: number;
}

/** One live actor, from inside. */
export interface ActorReport {
  readonly status: ActorState;
  /** Committed. */
  readonly version: number;
  readonly position: number;
  /** With what is decided and not durable yet: it may still be dropped and decided otherwise. */
  readonly decidedVersion: number;
  readonly uncommitted: number;
  readonly mailbox: {
    readonly commands: number;
    readonly headAgeMs: number;
    readonly head?: string;
  };
  readonly atWork: CommandAtWork | undefined;
  readonly bytes: number;
  /** Times it was loaded or brought up to date since it came into memory, and the last time of these. */
  readonly recoveries: {
    readonly count: number;
    readonly lastMs: number;
    readonly lastEvents: number;
  };
  /** Decisions in a row that threw. */
  readonly failures: number;
  /** Times in a row that a stranger's lock kept its decisions out of the log. */
  readonly blocked: number;
  /** Milliseconds without work; undefined while it has some. */
  readonly idleMs: number | undefined;
}

/** What a shard answers about one stream. */
export interface ActorAnswer {
  /** Undefined if it is not in memory. */
  readonly live: ActorReport | undefined;
  /** Its snapshot is not written yet. */
  readonly isPassivating: boolean;
  readonly quarantine: Quarantine | undefined;
  /** Newest first. */
  readonly commands: readonly CommandNote[];
  /** From when on every command of it is kept, up to the last 50; undefined: since this very question. */
  readonly watchedSince: number | undefined;
  readonly lastError: ErrorNote | undefined;
}

/** A shard, from inside. */
export interface ShardReport {
  /** What is being stored now. */
  readonly batch: BatchReport | undefined;
  /** Decisions that wait for a later batch. */
  readonly pending: Omit<BatchReport, 'ageMs'>;
  readonly idleActors: number;
  readonly snapshotsWaiting: number;
  readonly quarantined: number;
}

/** Decisions on their way into the log. */
export interface BatchReport {
  readonly commands: number;
  readonly rows: number;
  /** About what is stored of them. */
  readonly bytes: number;
  readonly ageMs: number;
}

/** What came of what an operator asked of an actor. */
export interface Operated {
  readonly result: 'done' | 'notLive' | 'busy';
  readonly message: string;
}

/** Everything that a shard can be asked. */
export type ShardQuestion =
  | { readonly kind: 'shard' }
  | ({ readonly kind: 'actors' } & ActorsQuestion)
  | ({ readonly kind: 'actor' | 'passivate' | 'reload' } & StreamName)
  | { readonly kind: 'quarantine'; readonly streams: readonly Quarantine[] };

/** What it answers. */
export interface ShardAnswers {
  shard: ShardReport;
  actors: ActorPage;
  actor: ActorAnswer;
  passivate: Operated;
  reload: Operated;
  quarantine: undefined;
}

/** A question on its way, and its answer. */
export interface AskedShard {
  readonly ref: number;
  readonly question: ShardQuestion;
}
export interface ToldByShard {
  readonly ref: number;
  readonly answer?: unknown;
  readonly failure?: PlainError;
}
