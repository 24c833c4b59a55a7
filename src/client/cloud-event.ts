import type { Aggregate, AggregateTypes } from '../aggregate/define-aggregate.js';
import { storedShape } from '../aggregate/event-codec.js';
import type { RecordedEvent } from './recorded-event.js';

/** An event in the JSON format of CloudEvents 1.0. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** The event's id: unique within the source. */
  readonly id: string;
  /** The `namespace` of the definition, else `/` and the aggregate's name in the log. */
  readonly source: string;
  /** `aggregate.event`, by their names in code. */
  readonly type: string;
  /** Id of the aggregate instance. */
  readonly subject: string;
  /** When it happened in the domain. Absent outside of the years 0 to 9999, which RFC 3339 cannot express. */
  readonly time?: string;
  readonly datacontenttype: 'application/json';
  /** In the shape in which it would be stored today: JSON. */
  readonly data: unknown;
  readonly correlationid?: string;
  readonly causationid?: string;
  /** W3C trace context, as in the extension "Distributed Tracing". */
  readonly traceparent?: string;
}

/** What a CloudEvent needs of the aggregate's definition. */
type Source = Pick<Aggregate, 'storedAs' | 'namespace' | 'codecs'>;

/**
 * A recorded event as a CloudEvent. Pure; `definition` is that of the event's aggregate.
 *
 * @example
 * for await (const event of runtime.aggregate(account).events(id)) publish(toCloudEvent(event, account));
 */
export function toCloudEvent<Types extends AggregateTypes>(
  event: RecordedEvent<Types>,
  definition: Source,
): CloudEvent {
  const { eventId, aggregate, id, type, data, occurredAt, metadata } = event;
  const codec = definition.codecs.get(type);
  const time = occurredAt.toISOString();
  return {
    specversion: '1.0',
    id: eventId,
    source: definition.namespace ?? `/${encodeURIComponent(definition.storedAs)}`,
    type: `${aggregate}.${type}`,
    subject: id,
    ...(/^\d{4}-/.test(time) && { time }),
    datacontenttype: 'application/json',
    data: codec ? storedShape(codec, data) : data,
    ...text('correlationid', metadata.correlationId),
    ...text('causationid', metadata.causationId),
    ...text('traceparent', metadata.traceparent),
  };
}

/** Attributes of CloudEvents are never empty. */
function text(name: string, value: unknown): Record<string, string> {
  return typeof value === 'string' && value !== '' ? { [name]: value } : {};
}
