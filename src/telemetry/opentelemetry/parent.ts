import { type Context, context, trace } from '@opentelemetry/api';
import { fromTraceparent } from './traceparent.js';

/** Under what a span begins that a W3C trace context was handed for; without one, under what is active. */
export function parentOf(traceparent: string | undefined): Context {
  const active = context.active();
  const given = fromTraceparent(traceparent);
  return given ? trace.setSpanContext(active, given) : active;
}

/** Is another span active here: of an instrumentation of the server's, or of the application? */
export function isInSpan(): boolean {
  return trace.getActiveSpan() !== undefined;
}
