import type { PlainError } from './plain-error.js';

/** An event to be stored: one row of the log without what the log itself adds. Payloads are JSON text. */
export interface EventRow {
  readonly slice: number;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: string;
  readonly commandId: string;
  /** Unix milliseconds. */
  readonly occurredAt: number;
}

/** A committed event as the log returns it. Payloads are JSON text; times are Unix milliseconds. */
export interface StoredEvent extends EventRow {
  readonly position: number;
  readonly recordedAt: number;
}

/** A stored event and, where it is not what it stands for today, what it is to be read as. */
export interface ReadEvent extends StoredEvent {
  /** None to several events in today's stored shape; `data` is JSON text. Absent: the stored one itself. */
  readonly readsAs?: readonly { readonly type: string; readonly data: string }[];
  /** Why it cannot be read. */
  readonly unreadable?: PlainError;
}
