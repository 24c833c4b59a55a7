import type { Subscription } from './answers.js';

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly events: number;
  readonly position: number;
  readonly upTo: number;
  readonly eventsPerSecond: number;
  readonly secondsLeft?: number;
}

/** A subscription, with all that is told of it. */
export interface Follower extends Subscription {
  /** Times that it read the log again, for it was too far behind what is pushed. */
  readonly fallbacks: number;
  readonly rebuild?: RebuildProgress;
}

/** One of the domain's own views, projections and handlers. */
export interface Projection extends Follower {
  readonly kind: 'view' | 'projection' | 'handler';
  readonly lagSeconds: number;
  /** Undefined at the first look. */
  readonly positionsPerSecond?: number;
}
