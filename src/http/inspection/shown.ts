import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { RecordedEvent } from '../../client/recorded-event.js';
import type { InspectedEvent } from '../../inspection/inspected-event.js';
import type { PlainError } from '../../messages/plain-error.js';
import type { ParkedEvent } from '../../store/subscriptions.js';
import { eventData, type Redact, type Redactable } from '../redaction.js';

/** What an error was about. */
type About = Omit<Redactable, 'kind'>;

/** A stored event as it leaves. */
export function shownEvent(redact: Redact, event: InspectedEvent): object {
  const { aggregate, id, type } = event;
  const what = { aggregate, id };
  return {
    ...event,
    data: redact(event.data, { kind: 'event', ...what, type }),
    readsAs: event.readsAs?.map((part) => ({
      type: part.type,
      data: redact(part.data, { kind: 'event', ...what, type: part.type }),
    })),
    unreadable: shownError(redact, event.unreadable, { ...what, type }),
    metadata: redact(event.metadata, { kind: 'metadata', ...what, type }),
  };
}

/** An event of an index as it leaves: in the form of a stored one, as it reads today. */
export function shownRecorded(
  redact: Redact,
  definition: Aggregate | undefined,
  event: RecordedEvent,
): object {
  const { aggregate, id, occurredAt, recordedAt, ...rest } = event;
  // A recorded event of any aggregate.
  const { type, data } = event as unknown as { readonly type: string; readonly data: unknown };
  const shown = definition
    ? eventData(redact, definition, id, { type, data })
    : redact(data, { kind: 'event', aggregate, id, type });
  return {
    ...rest,
    ...{ aggregate, id, data: shown },
    metadata: redact(event.metadata, { kind: 'metadata', aggregate, id, type }),
    occurredAt: occurredAt.getTime(),
    recordedAt: recordedAt.getTime(),
  };
}

/** An error of the domain's code as it leaves: without stacks, which name files of the server. */
export function shownError(
  redact: Redact,
  error: PlainError | null | undefined,
  about: About,
): unknown {
  if (!error) return undefined;
  return redact(withoutStack(error), { kind: 'failure', ...about });
}

/** An event with which a stream waits, as it leaves. */
export function shownParked(redact: Redact, parked: ParkedEvent): object {
  const { aggregate, id, type } = parked;
  return { ...parked, error: shownError(redact, parked.error, { aggregate, id, type }) };
}

function withoutStack({ stack: _, cause, ...error }: PlainError): PlainError {
  return { ...error, ...(cause && { cause: withoutStack(cause) }) };
}
