import type { EventRow, StoredEvent } from '../messages/event.js';
import type { AppendBatch, AppendResult } from './append.js';
import type { Operations } from './operations.js';
import type { KeyedCommand, StoredOutcome } from './outcomes.js';
import type { SnapshotRow, StoredSnapshot } from './snapshots.js';
import type { StreamName } from './stream-name.js';

/** One start of a shard that may append, fenced by its epoch. Plain data: it travels to the shard. */
export interface Writer {
  readonly id: number;
  readonly epoch: number;
  /** System identifier, timeline and start time of the server: changes with every restart and failover. */
  readonly incarnation: string;
  /** Highest position known when the writer was made or fenced: anything appended later lies above. */
  readonly afterPosition: number;
  /** The lease under which it was made, in exclusive ownership. */
  readonly lease?: string;
}

/** Asks for what is needed to rebuild one stream's state. */
export interface LoadRequest extends StreamName {
  /** Snapshots of another state version are ignored. */
  readonly stateVersion: number;
  /** Events after this version are wanted in any case, even where a snapshot is newer. */
  readonly knownVersion?: number;
  /** The caller has the state at `knownVersion`: no snapshot is wanted. */
  readonly tailOnly?: boolean;
}

/** An event as far as rebuilding needs it. */
export type LoadedEvent = Pick<
  StoredEvent,
  'version' | 'position' | 'type' | 'schemaVersion' | 'data' | 'commandId' | 'occurredAt'
>;

/** A snapshot, if there is one, and a page of the events after it, in order of version. */
export interface LoadedStream {
  readonly snapshot: StoredSnapshot | undefined;
  readonly events: readonly LoadedEvent[];
  /** There are more events after these: ask again with `tailOnly`. */
  readonly more: boolean;
}

/** The last event of a stream; version 0 where there is none. */
export interface Head extends StreamName {
  readonly version: number;
  readonly position: number;
  readonly commandId: string;
}

/** Commands to look for in the log after the writer that may have appended them was fenced. */
export interface FindCommands {
  readonly commands: readonly (StreamName & { readonly commandId: string })[];
  /** No event of theirs has a lower or equal position, as long as the incarnation is this one. */
  readonly afterPosition: number;
  readonly incarnation: string;
}

/** A range of versions of one stream: those of one command. */
export interface VersionRange extends StreamName {
  /** The version before the first. */
  readonly after: number;
  /** The last version. */
  readonly upTo: number;
}

/** An event of the log without what it says: enough to know who is behind. */
export type LogHead = Pick<
  StoredEvent,
  'position' | 'slice' | 'aggregate' | 'id' | 'version' | 'commandId'
>;

/** The end of the log as it is seen now. */
export interface LogEnd {
  /** Highest position; lower ones may still be under way. */
  readonly position: number;
  /** Whether writers are registered beside those that were named. */
  readonly othersWrite: boolean;
}

/** Where a page of a stream or of the log starts, and how long it may be. */
export interface PageRequest {
  /** The version (of a stream) or position (of the log) after which it starts. */
  readonly after: number;
  /** Events at most. */
  readonly limit: number;
}

/**
 * The log and what belongs to it. One instance per thread. Except where a method says otherwise, a
 * promise rejects with `StoreUnavailable` when the database cannot be reached, and may be tried again.
 */
export interface Store {
  /**
   * Registers a new writer with epoch 1, under a lease or in shared ownership. Rejects with
   * `OwnedByAnother` unless the log is under this very lease, or shared if none is given.
   */
  registerWriter(lease?: string): Promise<Writer>;
  /**
   * Raises a writer's epoch: waits for its running appends and refuses its later ones. What is then in
   * the log is all that the old epoch will ever have put there, and is as durable as this commit.
   * Rejects with `WriterGone` if it was removed; who gives the last epoch that it appended with gets it
   * back, above that epoch: a failover may lose a writer that is at work. But if it was removed by who
   * owns the log now, it rejects with `OwnedByAnother`, and nothing of the writer will be stored any more.
   */
  fence(writerId: number, lastEpoch?: number, lease?: string): Promise<Writer>;
  /** Removes a writer that will not append again. */
  retireWriter(writerId: number): Promise<void>;
  /** Appends all of a batch or nothing. Never rejects: each failure has its own result. */
  append(writer: Writer, batch: AppendBatch): Promise<AppendResult>;
  /** Loads streams in one round trip; results in the order of the requests. */
  load(requests: readonly LoadRequest[]): Promise<readonly LoadedStream[]>;
  /** The heads of streams, in the order asked for. */
  heads(streams: readonly StreamName[]): Promise<readonly Head[]>;
  /** The stored outcomes among these keys, in any order; expired ones are deleted on the way. */
  findOutcomes(commands: readonly KeyedCommand[]): Promise<readonly StoredOutcome[]>;
  /** Deletes up to `limit` expired outcomes and returns how many it deleted. */
  sweepOutcomes(limit: number): Promise<number>;
  /** The events of commands, by position; call it only after `fence`. */
  findCommands(query: FindCommands): Promise<readonly StoredEvent[]>;
  /** Stores snapshots; each only if the log holds its (version, command id), and only upwards. */
  saveSnapshots(snapshots: readonly SnapshotRow[]): Promise<void>;
  /** The events of several version ranges in one round trip, in the order asked for. */
  readRanges(ranges: readonly VersionRange[]): Promise<readonly (readonly StoredEvent[])[]>;
  /** A page of one stream, by version. */
  readStream(stream: StreamName, page: PageRequest): Promise<readonly StoredEvent[]>;
  /**
   * A page of the log by position, without gaps: an event that commits late is waited for, so that no
   * later page can hold a lower position. Empty when there is nothing after `page.after` yet.
   */
  readAll(page: PageRequest): Promise<readonly StoredEvent[]>;
  /** A page of the log as by `readAll`, without payloads. */
  readHeads(page: PageRequest): Promise<readonly LogHead[]>;
  /** Where the log ends now, and whether others than `writers` may add to it. One cheap statement. */
  logEnd(writers: readonly number[]): Promise<LogEnd>;
  /** The highest position, once nothing at or below it is under way any more: where "from now" begins. */
  settledEnd(): Promise<number>;
  /** What operators do, kept with the log; a store without it lets a runtime keep it in memory. */
  readonly operations?: Operations | undefined;
  close(): Promise<void>;
}

export type { EventRow, StoredEvent, StreamName };
