/** Time as the runtime sees it; injected so that tests can hold it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls back whenever time has jumped, and returns what ends that. Only clocks of tests jump. */
  onJump?(listener: () => void): () => void;
}

export const systemClock: Clock = { now: () => Date.now() };
