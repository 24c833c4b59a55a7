import type { Operation } from '../dispatcher/subscription.js';
import type { RebuildProgress } from '../dispatcher/subscription-status.js';
import { SetupError } from '../messages/errors.js';

/** Options of a rebuild or a replay. */
export interface RebuildOptions {
  /** Ends it; it then rejects with the reason of the signal, and what serves stays as it is. */
  readonly signal?: AbortSignal;
  /** Told after each page of events. */
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/** Asks something of a subscription of this name. */
export type Operate = (
  name: string,
  operation: Operation,
  options: RebuildOptions,
) => Promise<void>;

/** Throws `NeedsPostgres` where nothing runs subscriptions. */
export async function operateOn(
  name: string,
  operate: Operate | undefined,
  operation: Operation,
  options: RebuildOptions,
): Promise<void> {
  if (operate) return operate(name, operation, options);
  const message = `${name}: ${operation.kind} needs a runtime on Postgres`;
  throw new SetupError('NeedsPostgres', message, { name });
}
