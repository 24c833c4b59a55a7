import type { Ask } from '../dispatcher/ask.js';
import { filterOf } from '../dispatcher/listening.js';
import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { advance, settle } from './event-time.js';
import { Lanes } from './lanes.js';
import { type Routed, routeEvent } from './route-event.js';
import type { Saga } from './saga.js';
import { sendInput } from './saga-calls.js';

/** Hands domain events to the instances that they concern, in order, each once. */
export function sagaRouter(saga: Saga, ask: Ask): Consumer {
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
        if (routed) lanes.run(routed.id, () => deliver(saga, ask, routed, event));
      }
      await lanes.done();
    },
  };
}

async function deliver(
  saga: Saga,
  ask: Ask,
  { id, input }: Routed,
  { metadata, eventId }: FeedEvent,
): Promise<void> {
  const { correlationId } = metadata;
  const conversation = typeof correlationId === 'string' ? { correlationId } : {};
  const circumstances = { metadata: { causationId: eventId, ...conversation } };
  const to = { id, input, key: `event/${input.source}` };
  if (saga.time === 'wall')
    return void (await sendInput(ask, saga, to, { at: undefined, ...circumstances }));
  const sender = { ask, saga, id };
  // What was due before this event has happened, and all that it caused, before the instance gets it.
  await advance(sender, input.at, conversation);
  const steps = await sendInput(ask, saga, to, { at: input.at, ...circumstances });
  await settle(sender, steps, conversation);
}
