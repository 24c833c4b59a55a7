/*
 * What the server answers, as far as it is shown; all of it is described in /openapi.json. Times are Unix
 * milliseconds, durations milliseconds; those of histograms are in seconds.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | number;
  /** Of pages of a log, which have a next one all the same: there is nothing more now. */
  readonly isEnd?: boolean;
}

export interface Bucket {
  readonly from: number;
  readonly below: number;
  readonly count: number;
}

export interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly buckets: readonly Bucket[];
}

export interface Batch {
  readonly commands: number;
  readonly rows: number;
  readonly bytes: number;
  readonly ageMs: number;
}

export interface Running {
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly commandId: string;
}

export interface Shard {
  readonly shard: number;
  readonly condition: 'running' | 'blocked' | 'replaced' | 'stopped';
  readonly thread?: number;
  readonly slices: readonly number[];
  /** Commands since the start of the runtime, one figure for each of `slices`. */
  readonly sliceCommands: readonly number[];
  readonly actors: number;
  readonly idleActors?: number;
  readonly mailbox: { readonly commands: number; readonly most: number };
  readonly inFlight: number;
  readonly batch?: Batch;
  readonly uncommittedTail?: Omit<Batch, 'ageMs'>;
  readonly phase: string;
  readonly running?: Running;
  /** Calls answered since the start of the runtime, by outcome. */
  readonly commands: Readonly<Record<string, number>>;
  readonly commandDuration: Histogram;
  readonly commitLatency: Histogram;
  readonly eventLoopDelay: Histogram;
  readonly heapUsed: number;
  readonly restarts: number;
  readonly quarantined?: number;
}

export interface ListedActor {
  readonly shard: number;
  readonly aggregate: string;
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly mailbox: number;
  readonly headAgeMs: number;
  readonly uncommitted: number;
  readonly bytes: number;
}

export interface ActorPage extends Page<ListedActor> {
  readonly total: number;
  readonly silent: readonly number[];
}

export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly details?: Json;
  readonly cause?: PlainError;
}

export interface ParkedEvent {
  readonly subscription: string;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly type: string;
  readonly attempts: number;
  readonly error?: PlainError;
  readonly parkedAt: number;
  readonly isAsked: boolean;
  readonly resolved?: 'retried' | 'skipped';
  readonly resolvedBy?: string;
  readonly resolvedWhy?: string;
  readonly resolvedAt?: number;
}

export interface StreamLag {
  readonly subscription: string;
  readonly state: string;
  readonly position: number;
  readonly behind: number;
  readonly parked?: ParkedEvent;
}

export interface CommandNote {
  readonly type: string;
  readonly commandId: string;
  readonly outcome: 'accepted' | 'rejected' | 'refused' | 'failed';
  readonly code?: string;
  readonly durationMs: number;
  readonly at: number;
}

export interface LiveActor {
  readonly status: string;
  readonly version: number;
  readonly position: number;
  readonly decidedVersion: number;
  readonly uncommitted: number;
  readonly bytes: number;
  readonly failures: number;
  readonly blocked: number;
  readonly idleMs?: number;
  readonly mailbox: {
    readonly commands: number;
    readonly headAgeMs: number;
    readonly head?: string;
  };
  readonly atWork?: {
    readonly type: string;
    readonly commandId: string;
    readonly phase: 'deciding' | 'committing';
    readonly ageMs: number;
    readonly decidingMs?: number;
    readonly attempts: number;
  };
  readonly recoveries: {
    readonly count: number;
    readonly lastMs: number;
    readonly lastEvents: number;
  };
}

export interface Quarantine {
  readonly aggregate: string;
  readonly id: string;
  readonly who: string;
  readonly why: string;
  readonly since: number;
}

export interface ActorInside {
  readonly aggregate: string;
  readonly id: string;
  readonly slice: number;
  readonly shard?: number;
  readonly status: string;
  readonly running?: Running;
  readonly stream: { readonly version: number; readonly position: number };
  readonly snapshot?: {
    readonly stateVersion: number;
    readonly version: number;
    readonly takenAt?: number;
    readonly bytes: number;
    readonly eventsSince: number;
    readonly ageMs?: number;
  };
  readonly live?: LiveActor;
  readonly commands: readonly CommandNote[];
  readonly watchedSince?: number;
  readonly quarantine?: Quarantine;
  readonly lastError?: {
    readonly type: string;
    readonly commandId: string;
    readonly code: string;
    readonly message: string;
    readonly at: number;
  };
  readonly subscriptions: readonly StreamLag[];
  readonly timers: readonly {
    readonly key: string;
    readonly dueAt: number;
    readonly type: string;
  }[];
}

export interface StateAt {
  readonly state: Json;
  readonly version: number;
  readonly snapshotVersion: number;
  readonly replayed: number;
  readonly event?: {
    readonly type: string;
    readonly position: number;
    readonly commandId: string;
    readonly occurredAt: number;
    readonly recordedAt: number;
  };
}

export interface Change {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: Json;
  readonly after?: Json;
}

export interface LogEvent {
  readonly eventId: string;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly type: string;
  readonly data: Json;
  readonly commandId: string;
  readonly metadata: { readonly correlationId?: string; readonly causationId?: string } & {
    readonly [name: string]: Json | undefined;
  };
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly unreadable?: PlainError;
  readonly readsAs?: readonly { readonly type: string; readonly data: Json }[];
}

export interface LogPage extends Page<LogEvent> {
  readonly isEnd: boolean;
}

export interface Subscription {
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly position: number;
  /** Positions of the log above its own. */
  readonly lag: number;
  readonly attempts: number;
  readonly parked: number;
  readonly owner?: string;
  readonly error?: PlainError;
}

export interface SagaCounts {
  readonly name: string;
  readonly instances: Readonly<Record<string, number>>;
}

export interface AuditEntry {
  readonly number: number;
  readonly at: number;
  readonly who: string;
  readonly why: string;
  readonly verb: string;
  readonly result?: string;
  readonly message?: string;
}

export type DryRun = { readonly version: number } & (
  | {
      readonly outcome: 'accepted';
      readonly events: readonly {
        readonly type: string;
        readonly version: number;
        readonly data: Json;
      }[];
      readonly state: Json;
    }
  | {
      readonly outcome: 'rejected';
      readonly rejection: {
        readonly code: string;
        readonly message: string;
        readonly details: Json;
      };
    }
  | {
      readonly outcome: 'refused' | 'failed';
      readonly code: string;
      readonly message: string;
      readonly details?: Json;
      readonly cause?: PlainError;
    }
);
