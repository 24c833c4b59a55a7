/** A command with an idempotency key. */
export interface KeyedCommand {
  readonly aggregate: string;
  readonly id: string;
  readonly key: string;
}

/** One string for (aggregate, id, key), unambiguous because none of them may contain a zero character. */
export function outcomeKey({ aggregate, id, key }: KeyedCommand): string {
  return `${aggregate}\0${id}\0${key}`;
}

/** The first outcome of a key, as it is stored. */
export interface StoredOutcome extends KeyedCommand {
  /** Hash of the canonical JSON of the command's type and data. */
  readonly hash: string;
  readonly commandId: string;
  /** Version before the command's first event. */
  readonly fromVersion: number;
  /** Version after its last event; equal to `fromVersion` for a no-op or a rejection. */
  readonly toVersion: number;
  /** JSON text of the rejection; `undefined` if it was accepted. */
  readonly rejection: string | undefined;
}

/** An outcome to be stored with the append that decided it. */
export interface OutcomeRow extends StoredOutcome {
  /** Milliseconds after which the key is free again; Infinity = never. */
  readonly keepMs: number;
}
