import type { Aggregate } from '../aggregate/define-aggregate.js';
import { filterOf, heard } from '../dispatcher/listening.js';
import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { conversationOf } from '../messages/conversation.js';
import type { Handler, HandlerContext } from './handler.js';
import type { ProjectionContext } from './projection-context.js';
import type { Send } from './send.js';

/** A handler as a subscription. Its effects are outside of the checkpoint's transaction: at least once. */
export function handlerConsumer(
  handler: Handler,
  { send, operate }: Pick<ProjectionContext, 'send' | 'operate'>,
): Consumer {
  const { name, version, from, listening } = handler;
  const filter = filterOf(listening);
  return {
    ...{ name, version, filter, from },
    fingerprint: canonicalJson({ name, version, filter }),
    effects: 'each',
    ...(operate && { operate: (operation, how) => operate(name, operation, how) }),
    async handle(events) {
      for (const given of events) {
        const event = heard<FeedEvent>(listening, given);
        if (event) await handler.handle(event as never, handlerContext(handler, event, send));
      }
    },
  };
}

/** What a handler gets beside one event. */
export function handlerContext(handler: Handler, event: FeedEvent, send: Send): HandlerContext {
  // The position, and not the id of the event: it is short, and as lasting.
  const place = `${handler.name}/${event.position}${event.part ? `.${event.part}` : ''}`;
  const key = (index = 0): string => `${place}/${index}`;
  let sent = 0;
  return {
    key,
    async send(definition, id, command) {
      const receipt = await send(definition as unknown as Aggregate, {
        ...{ id, command },
        idempotencyKey: key(sent++),
        causationId: event.eventId,
        ...conversationOf(event.metadata),
      });
      // Made by this aggregate.
      return receipt as never;
    },
  };
}
