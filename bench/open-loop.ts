import { percentile } from './statistics.js';

/** A load that does not wait for answers. */
export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  /** What is sent before the clock starts, at the same rate. Seconds. */
  readonly warmUpSeconds: number;
  send(index: number): Promise<unknown>;
}

/** Milliseconds from the time at which each was due to its answer. */
export interface OpenLoopResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Sends at a steady rate whatever the answers do; what is late counts from when it was due. */
export async function openLoop(load: OpenLoop): Promise<OpenLoopResult> {
  const { perSecond, seconds, warmUpSeconds, send } = load;
  const warmUp = perSecond * warmUpSeconds;
  const total = warmUp + perSecond * seconds;
  const latencies = new Float64Array(perSecond * seconds);
  const start = performance.now();
  const answers: Promise<void>[] = [];
  const sendOne = async (index: number): Promise<void> => {
    const due = start + (index * 1000) / perSecond;
    await send(index);
    if (index >= warmUp) latencies[index - warmUp] = performance.now() - due;
  };
  for (let index = 0; index < total; ) {
    const dueNow = Math.min(
      total,
      Math.floor(((performance.now() - start) * perSecond) / 1000) + 1,
    );
    for (; index < dueNow; index++) answers.push(sendOne(index));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(answers);
  latencies.sort();
  return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}
