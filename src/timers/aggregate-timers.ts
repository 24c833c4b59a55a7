import type { Aggregate } from '../aggregate/define-aggregate.js';
import { firingKey } from '../aggregate/timer-firing.js';
import type { TimerArmed } from '../aggregate/timer-stream.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import { conversationOf } from '../messages/conversation.js';
import type { Send } from '../projection/send.js';
import type { StoredTimer, TimerPayload } from '../store/timers.js';
import type { TimerChange, TimerSource } from './timer-source.js';

/** The timers of an aggregate; `undefined` where it has none. */
export function aggregateTimers(definition: Aggregate, send: Send): TimerSource | undefined {
  const { timers } = definition;
  if (!timers) return undefined;
  const { storedAs } = timers;
  return {
    ...{ name: storedAs, stream: storedAs },
    changes: (event) => [changeOf(event)],
    fire: (timer) => fire(definition, timer, send),
  };
}

function changeOf(event: FeedEvent): TimerChange {
  if (event.type !== 'armed') return { kind: 'ended', key: (event.data as { key: string }).key };
  const { key, at, command } = event.data as TimerArmed;
  const payload: TimerPayload = {
    ...command,
    causationId: event.eventId,
    ...conversationOf(event.metadata),
  };
  return { kind: 'armed', key, dueAt: Date.parse(at), payload };
}

async function fire(definition: Aggregate, timer: StoredTimer, send: Send): Promise<void> {
  const { type, data, ...caused } = JSON.parse(timer.payload) as TimerPayload;
  try {
    const idempotencyKey = firingKey(timer);
    await send(definition, { id: timer.id, command: { type, data }, idempotencyKey, ...caused });
  } catch (error) {
    // The rejection is stored with `fired`.
    if ((error as { outcome?: unknown }).outcome !== 'rejected') throw error;
  }
}
