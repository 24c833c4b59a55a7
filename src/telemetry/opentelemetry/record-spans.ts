import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { BatchRecord } from '../channels.js';
import { endOf } from './request-spans.js';
import { fromTraceparent, isSampled } from './traceparent.js';

/** Makes the spans of the batches of subscriptions: one in each trace that an event of the batch belongs to. */
export function batchSpans(tracer: Tracer): (record: BatchRecord) => void {
  return (record) => {
    for (const traceparent of record.traceparents) {
      const cause = fromTraceparent(traceparent);
      if (!cause || !isSampled(cause)) continue;
      const { subscription, result, events, positions, attempt, error } = record;
      const span = tracer.startSpan(
        `${subscription} batch`,
        {
          kind: SpanKind.CONSUMER,
          startTime: record.startedAt,
          attributes: {
            ...{ 'troupe.subscription': subscription, 'troupe.batch.result': result },
            ...{ 'troupe.batch.events': events, 'troupe.batch.attempt': attempt },
            ...{ 'troupe.batch.from': positions[0], 'troupe.batch.to': positions[1] },
          },
        },
        trace.setSpanContext(ROOT_CONTEXT, cause),
      );
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end(endOf(record));
    }
  };
}
