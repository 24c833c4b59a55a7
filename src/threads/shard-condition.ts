/**
 * How a shard is: `running`, `blocked` (it did not answer within 250 ms), `replaced` (its thread ended and
 * the next one is not ready yet) or `stopped`.
 */
export type ShardCondition = 'running' | 'blocked' | 'replaced' | 'stopped';
