import { context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { RequestTrace } from '../channels.js';
import { isInSpan, parentOf } from './parent.js';
import { toTraceparent } from './traceparent.js';

/** Spans of requests over HTTP. */
export class RequestSpans {
  private readonly open = new WeakMap<object, Span>();

  constructor(private readonly tracer: Tracer) {}

  readonly handlers = {
    start: (request: RequestTrace): void => this.start(request),
    end: (): void => undefined,
    asyncStart: (): void => undefined,
    asyncEnd: (request: RequestTrace): void => this.end(request),
    error: (): void => undefined,
  };

  /** Where an instrumentation has made a span of it already, that is the one which the client's led to. */
  private start(request: RequestTrace): void {
    const { method, route, traceparent, startedAt } = request;
    const span = this.tracer.startSpan(
      `${method} ${route}`,
      {
        kind: isInSpan() ? SpanKind.INTERNAL : SpanKind.SERVER,
        startTime: startedAt,
        attributes: { 'http.request.method': method, 'http.route': route },
      },
      isInSpan() ? context.active() : parentOf(traceparent),
    );
    request.traceparent = toTraceparent(span.spanContext());
    this.open.set(request, span);
  }

  private end(request: RequestTrace): void {
    const span = this.open.get(request);
    if (!span) return;
    const { status = 0 } = request;
    span.setAttribute('http.response.status_code', status);
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endOf(request));
  }
}

/** Spans end by the same clock by which they begin. */
export function endOf({
  startedAt,
  durationSeconds = 0,
}: {
  readonly startedAt: number;
  readonly durationSeconds?: number;
}): number {
  return startedAt + durationSeconds * 1000;
}
