/** Names a stored event that cannot be read. */
export interface UnreadableDetails {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion?: number;
}

/** A stored event that this code cannot read: nothing may be decided on its stream. */
export class UnreadableEvent extends Error {
  readonly code = 'StreamUnreadable';

  constructor(
    readonly details: UnreadableDetails,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(
      `${details.aggregate}/${details.id} cannot be read at version ${details.version} (${details.type}): ${reason}`,
      { cause },
    );
    this.name = 'UnreadableEvent';
  }
}
