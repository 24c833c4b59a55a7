import type { StreamName } from './stream-name.js';

/** What operators may do to one actor. */
export type ActorVerb = 'passivate' | 'snapshot' | 'reload' | 'quarantine' | 'release';

/**
 * All that is put down of operators: what they do to actors, to subscriptions (`$subscription` and its name
 * stand for the stream) and to sagas (`$saga/<name>` and the id of the instance).
 */
export type Verb =
  | ActorVerb
  | 'pause'
  | 'resume'
  | 'rebuild'
  | 'retryParked'
  | 'skipParked'
  | 'sendToSaga'
  | 'retrySaga'
  | 'cancelSaga';

/** Who asked, and why. */
interface Asked {
  readonly who: string;
  readonly why: string;
}

/** A stream whose commands are refused until it is released. Plain data. */
export interface Quarantine extends StreamName, Asked {
  /** Unix milliseconds, by the clock of the database. */
  readonly since: number;
}

/** All that are quarantined, and a mark that grows with each change. */
export interface Quarantines {
  readonly mark: number;
  readonly streams: readonly Quarantine[];
}

/** What is asked of an actor, by whom and why. */
export interface NewAuditEntry extends StreamName, Asked {
  readonly verb: Verb;
}

/** What an operator did. */
export interface AuditEntry extends NewAuditEntry {
  /** Grows; entries of several processes may become visible out of order. */
  readonly number: number;
  /** Unix milliseconds, before it was done. */
  readonly at: number;
  /** What came of it; undefined where the process ended, or lost its database, before it could say so. */
  readonly result: string | undefined;
  readonly message: string | undefined;
  readonly finishedAt: number | undefined;
}

/** Asks for entries of the audit, newest first. */
export interface AuditPage {
  /** Only entries with a lower number. */
  readonly before: number;
  readonly limit: number;
  readonly stream?: StreamName | undefined;
}

/** A snapshot without its state. */
export interface SnapshotInfo {
  readonly stateVersion: number;
  readonly version: number;
  /** Unix milliseconds; undefined where the store does not know. */
  readonly takenAt: number | undefined;
  /** Characters of its JSON text. */
  readonly bytes: number;
}

/** What the log knows of one stream. */
export interface StreamFacts {
  readonly snapshots: readonly SnapshotInfo[];
  /** Positions of its last events, newest first, up to the limit asked for. */
  readonly lastPositions: readonly number[];
}

/** What operators need of a store. Methods reject as those of `Store` do. */
export interface Operations {
  /**
   * Puts down what is about to be done, and resolves its number. `quarantine` and `release` take effect in
   * the same transaction.
   */
  begin(entry: NewAuditEntry): Promise<number>;
  /** Puts down what came of it. */
  finish(
    number: number,
    outcome: { readonly result: string; readonly message: string },
  ): Promise<void>;
  audit(page: AuditPage): Promise<readonly AuditEntry[]>;
  /** The mark alone: one cheap statement. */
  quarantineMark(): Promise<number>;
  quarantines(): Promise<Quarantines>;
  streamFacts(stream: StreamName, limit: number): Promise<StreamFacts>;
}
