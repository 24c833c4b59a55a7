import type { AnswerEvent } from '../messages/answer.js';
import type { ReadEvent, StoredEvent } from '../messages/event.js';
import { toPlainError } from '../messages/plain-error.js';
import type { UnreadableEvent } from './unreadable-event.js';
import { domainEvents, needsReading, type Readable, type ReadStream } from './upcasting.js';

/*
 * What is sent to the host stays JSON text in today's stored shape, since the domain shape may be of a
 * class. The host decodes it, and only what was decoded here before: code that throws or loops does so in
 * the shard.
 */

/** Notes on a stored event what it reads as today, or why it cannot be read. Never throws. */
export function readEvent(
  definition: ReadStream['definition'] | undefined,
  event: StoredEvent,
): ReadEvent {
  const stream = definition && { id: event.id, definition };
  if (!stream || !needsReading(stream, event)) return event;
  try {
    const readsAs = domainEvents(stream, event).map(({ type, text }) => ({ type, data: text }));
    return { ...event, readsAs };
  } catch (error) {
    return { ...event, unreadable: toPlainError(error) };
  }
}

/**
 * The events of a command that is known to be executed, for its answer. One that cannot be read is left
 * out and told: a refusal would say that the command was not executed.
 */
export function answerEvents(
  stream: ReadStream,
  events: readonly (Readable & { readonly position: number })[],
  onUnreadable: (error: UnreadableEvent) => void,
): readonly AnswerEvent[] {
  if (!events.some((event) => needsReading(stream, event))) return events;
  return events.flatMap((event) => {
    const { version, position } = event;
    try {
      return domainEvents(stream, event).map(({ type, text }) => ({
        ...{ type, data: text, version, position },
      }));
    } catch (error) {
      onUnreadable(error as UnreadableEvent);
      return [];
    }
  });
}
