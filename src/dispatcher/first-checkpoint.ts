import { SetupError } from '../messages/errors.js';
import type { Store } from '../store/store.js';
import type { Checkpoint, SubscriptionStore } from '../store/subscriptions.js';
import type { Consumer } from './subscription.js';

/**
 * Where a subscription begins that is new. Nothing at or below may still be under way, or it would never be
 * seen. Throws `BeyondLog` for a position that the log has not reached.
 */
export async function firstCheckpoint(
  { from, name }: Pick<Consumer, 'from' | 'name'>,
  log: Pick<Store, 'settledEnd'>,
  store: Pick<SubscriptionStore, 'checkpointAt'>,
): Promise<Checkpoint> {
  if (from === 'beginning') return { position: 0, commandId: '' };
  const end = await log.settledEnd();
  if (from !== 'now' && from > end)
    throw new SetupError(
      'BeyondLog',
      `The subscription ${name} is to start at position ${from}: expected one up to ${end}, where the log ends`,
      { name, expected: end, given: from },
    );
  return store.checkpointAt(from === 'now' ? end : from);
}
