/** What became of a promise so far. */
export interface Watched<T> {
  readonly promise: Promise<T>;
  /** True once it was resolved or rejected. */
  readonly settled: boolean;
}

/** Watches a promise; its rejection counts as handled. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const watched = { promise, settled: false };
  const note = () => {
    watched.settled = true;
  };
  promise.then(note, note);
  return watched;
}

/** Lets everything that is ready to happen in this process happen: turns of the event loop, no time. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The error that a promise rejects with; throws if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof Error) return outcome.error;
  throw new Error(`expected a rejection, got ${JSON.stringify(outcome)}`);
}
