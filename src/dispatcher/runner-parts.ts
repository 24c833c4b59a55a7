import type { PlainError } from '../messages/plain-error.js';
import type { Store } from '../store/store.js';
import type { FeedTelemetry } from '../telemetry/feed-telemetry.js';
import type { BuildGuard } from './build-guard.js';
import type { RetryOptions } from './failure.js';
import type { Turns } from './gathering.js';
import type { HandlingParts } from './handling.js';
import type { LogTail } from './log-tail.js';
import type { SubscriptionStatus } from './subscription-status.js';

/** What a runner is made of. */
export interface RunnerParts extends HandlingParts {
  readonly log: Pick<Store, 'settledEnd'>;
  readonly tail: LogTail;
  readonly guard: BuildGuard;
  /** Shared by all of a thread. */
  readonly turns: Turns;
  /** Names this start of a process; unique. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly retry?: RetryOptions;
  /** Events per batch at most. Default 1 000. */
  readonly batchEvents?: number;
  /** Where it counts. */
  readonly telemetry: FeedTelemetry;
  /** Told of each change of its status. */
  changed(status: SubscriptionStatus): void;
  /** Told when it stops by itself, or a stream is parked. */
  tell(kind: 'error' | 'warning', message: string, cause: PlainError): void;
}
