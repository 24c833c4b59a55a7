import type { Ask } from '../dispatcher/ask.js';
import { filterOf } from '../dispatcher/listening.js';
import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { runTasks, type Task } from '../dispatcher/task.js';
import { canonicalJson } from '../internal/json.js';
import { conversationOf } from '../messages/conversation.js';
import { deliver } from './event-time.js';
import type { KnownInstances } from './known-instances.js';
import { type Routed, routeEvent } from './route-event.js';
import type { Saga } from './saga.js';
import { sendInput } from './saga-calls.js';
import { SagaMeter } from './saga-meter.js';

/** Hands domain events to the instances that they concern, in order, each once. */
export function sagaRouter(
  saga: Saga,
  ask: Ask,
  known: KnownInstances,
  { fate } = new SagaMeter(saga),
): Consumer {
  const { name, version, storedAs, time, listening } = saga;
  const filter = filterOf(listening);
  const tasks = (event: FeedEvent): readonly Task[] => {
    const routed = routeEvent(saga, event);
    if (!routed) return [];
    const { id } = routed;
    const circumstances = circumstancesOf(event);
    const run = (): Promise<void> =>
      time === 'event'
        ? deliver({ ask, saga, id, known, fate }, routed, circumstances)
        : deliverNow(saga, ask, routed, circumstances);
    return [{ lane: id, run }];
  };
  return {
    ...{ name: storedAs, version, filter },
    fingerprint: canonicalJson({ name, version, filter, time }),
    // Of old events a saga by the clock would have all timers overdue; one in event time replays them.
    from: time === 'wall' ? 'now' : 'beginning',
    effects: 'batch',
    tasks,
    handle: (events) => runTasks(events.flatMap(tasks)),
  };
}

function circumstancesOf({ metadata, eventId }: FeedEvent) {
  return { causationId: eventId, ...conversationOf(metadata) };
}

async function deliverNow(
  saga: Saga,
  ask: Ask,
  { id, input }: Routed,
  metadata: ReturnType<typeof circumstancesOf>,
): Promise<void> {
  const to = { id, input, key: `event/${input.source}` };
  await sendInput(ask, saga, to, { at: undefined, metadata });
}
