/** State at a version, as it is stored. */
export interface StoredSnapshot {
  readonly version: number;
  /** Position and command id of the event at that version. */
  readonly position: number;
  readonly commandId: string;
  /** JSON text. */
  readonly state: string;
}

/** A snapshot to be stored. */
export interface SnapshotRow extends StoredSnapshot {
  readonly aggregate: string;
  readonly id: string;
  readonly stateVersion: number;
}
