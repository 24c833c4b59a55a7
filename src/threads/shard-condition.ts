import type { ShardReport } from '../shard/questions.js';

/**
 * How a shard is: `running`, `blocked` (it did not answer within 250 ms), `replaced` (its thread ended and
 * the next one is not ready yet) or `stopped`.
 */
export type ShardCondition = 'running' | 'blocked' | 'replaced' | 'stopped';

/** What is seen of a shard that is looked at. */
export interface Look {
  readonly condition: ShardCondition;
  /** Of one that answered. */
  readonly report?: ShardReport;
}

export const BLOCKED: Look = { condition: 'blocked' };
