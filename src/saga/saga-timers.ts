import type { Ask } from '../dispatcher/ask.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import { conversationOf } from '../messages/conversation.js';
import type { StoredTimer, TimerPayload } from '../store/timers.js';
import type { TimerChange, TimerSource } from '../timers/timer-source.js';
import { hasDelays } from './machine-states.js';
import type { Saga } from './saga.js';
import { INPUT } from './saga-aggregate.js';
import { sendInput } from './saga-calls.js';
import type { TimerInput } from './saga-input.js';
import type { Stepped } from './stepped.js';

/**
 * Nobody keeps an index of its timers where none of its machines sets any. One that migrates may have timers
 * of machines that are gone.
 */
export function runsTimers({ machines, migrate, time }: Saga): boolean {
  return time === 'wall' && (migrate !== undefined || [...machines.values()].some(hasDelays));
}

/** The timers of a saga by the clock: armed, cancelled and fired by its steps. */
export function sagaTimers(saga: Saga, ask: Ask): TimerSource {
  return {
    name: `${saga.storedAs}/timers`,
    stream: saga.storedAs,
    changes: changesOf,
    fire: (timer) => fire(saga, ask, timer),
  };
}

/** A timer that fires may be armed again in the same step. */
function changesOf(event: FeedEvent): readonly TimerChange[] {
  const { input, timersCancelled, timersSet } = event.data as Stepped;
  const ended = [...(input.kind === 'timer' ? [input] : []), ...timersCancelled];
  return [
    ...ended.map(({ key }) => ({ kind: 'ended' as const, key })),
    ...timersSet.map(({ key, generation, due }) => {
      const data: TimerInput = { generation, key, kind: 'timer' };
      const payload: TimerPayload = {
        ...{ type: INPUT, data, causationId: event.eventId },
        ...conversationOf(event.metadata),
      };
      return { kind: 'armed' as const, key, dueAt: due, payload };
    }),
  ];
}

/** Whether it is still armed is decided by the instance (H42). */
async function fire(saga: Saga, ask: Ask, { id, payload }: StoredTimer): Promise<void> {
  const { data, causationId, ...conversation } = JSON.parse(payload) as TimerPayload;
  const input = data as TimerInput;
  const metadata = { causationId, ...conversationOf(conversation) };
  const to = { id, input, key: `timer/${input.key}/${input.generation}` };
  await sendInput(ask, saga, to, { at: undefined, metadata });
}
