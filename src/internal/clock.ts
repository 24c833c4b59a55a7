/** Time as the runtime sees it; injected so that tests can hold it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Calls back whenever time has jumped, and returns what ends that. Only clocks of tests jump. */
  onJump?(listener: () => void): () => void;
}

/** Runs `work` every so often, and whenever the clock has jumped; returns what ends it. Holds no process open. */
export function everySo(clock: Clock, ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  timer.unref();
  const endOfJumps = clock.onJump?.(work);
  return () => {
    clearInterval(timer);
    endOfJumps?.();
  };
}

export const systemClock: Clock = { now: () => Date.now() };
