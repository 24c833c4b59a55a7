/**
 * Processes on one log telling each other that it has grown. A hint: it may come late, twice or never,
 * and whoever hears it reads the log.
 */
export interface WakeUps {
  /** Tells the others that the log has grown to this position; soon, and once for many. Costs nothing while nobody can be told. */
  announce(position: number): void;
  /** Tells what is left to tell and closes the line. */
  close(): Promise<void>;
}

/** Who hears what processes on the log tell. */
export interface WakeUpListener {
  /** Some process, perhaps this one, has told of a position; `undefined` where something may have been missed. */
  wake(position: number | undefined): void;
  /** Nothing is heard for now, and why; `undefined` when it is heard again. */
  heard(lost: Error | undefined): void;
}
