/** Something that an event asks for, with effects outside of the database: it may be asked for again. */
export interface Task {
  /**
   * Tasks of one lane run one after the other, in the order of the log, each until it has succeeded; lanes
   * go side by side.
   */
  readonly lane: string;
  /** What it waits for is outside and may take long: who has to run alone in the thread does not wait for it. */
  readonly isLong?: boolean;
  run(): Promise<unknown>;
}

/**
 * Runs tasks, and waits for all of them. Rejects then with the first failure; in a lane nothing follows a
 * failure.
 */
export async function runTasks(tasks: readonly Task[]): Promise<void> {
  const ends = new Map<string, Promise<unknown>>();
  const failures: unknown[] = [];
  for (const { lane, run } of tasks) {
    const before = ends.get(lane);
    const end = before ? before.then(run) : run();
    end.catch((error: unknown) => void failures.push(error));
    ends.set(lane, end);
  }
  await Promise.allSettled(ends.values());
  if (failures.length > 0) throw failures[0];
}
