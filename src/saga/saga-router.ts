import type { Ask } from '../dispatcher/ask.js';
import { filterOf } from '../dispatcher/listening.js';
import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { conversationOf } from '../messages/conversation.js';
import { deliver } from './event-time.js';
import type { KnownInstances } from './known-instances.js';
import { Lanes } from './lanes.js';
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
  return {
    ...{ name: storedAs, version, filter },
    fingerprint: canonicalJson({ name, version, filter, time }),
    // Of old events a saga by the clock would have all timers overdue; one in event time replays them.
    from: time === 'wall' ? 'now' : 'beginning',
    effects: 'batch',
    async handle(events) {
      const lanes = new Lanes();
      for (const event of events) {
        const routed = routeEvent(saga, event);
        if (!routed) continue;
        const { id } = routed;
        const circumstances = circumstancesOf(event);
        lanes.run(id, () =>
          time === 'event'
            ? deliver({ ask, saga, id, known, fate }, routed, circumstances)
            : deliverNow(saga, ask, routed, circumstances),
        );
      }
      await lanes.done();
    },
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
