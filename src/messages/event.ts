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
