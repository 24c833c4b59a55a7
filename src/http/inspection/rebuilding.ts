import { within } from '../../internal/within.js';
import type { NewAuditEntry } from '../../store/operations.js';
import type { Reason } from '../../store/subscriptions.js';
import type { RouteSetup } from '../routes.js';

/** A short rebuild is answered by its end. */
const ANSWER_WITHIN_MS = 1000;

/**
 * Has a subscription build anew what it has written. That may take hours, so one that goes on after a
 * second is answered `started`: how far it is says the subscription, what came of it the audit.
 */
export async function rebuildSubscription(
  { runtime, options }: RouteSetup,
  entry: Omit<NewAuditEntry, keyof Reason>,
  reason: Reason,
): Promise<{ readonly result: 'done' | 'started' }> {
  let result: 'done' | 'started' = 'started';
  let isAnswered = false;
  let begun = (): void => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const work = (): Promise<void> => {
    begun();
    return runtime.rebuild(entry.id);
  };
  const ended = runtime.inspect.record(entry, reason, work).then(() => {
    result = 'done';
  });
  ended.catch((error: unknown) => {
    if (isAnswered)
      options.logger?.warn({ err: error, subscription: entry.id }, 'a rebuild has failed');
  });
  // What cannot be put down is not begun, and throws here.
  await Promise.race([hasBegun, ended]);
  const soon = within(ANSWER_WITHIN_MS, ended);
  await Promise.race([soon, ended]);
  isAnswered = true;
  return { result };
}
