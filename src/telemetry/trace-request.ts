import { type RequestTrace, requestChannel } from './channels.js';

/** Publishes a request's start and end. `serve` gets the trace, whose `traceparent` a subscriber may have set. */
export function traceRequest<Answer extends { readonly status: number }>(
  request: Pick<RequestTrace, 'method' | 'route' | 'traceparent'>,
  serve: (trace: RequestTrace) => Promise<Answer>,
): Promise<Answer> {
  const trace: RequestTrace = { ...request, startedAt: Date.now() };
  const since = performance.now();
  const { start, end, asyncStart, asyncEnd } = requestChannel;
  return start.runStores(trace, () => {
    const served = serve(trace).then((answer) => {
      trace.status = answer.status;
      trace.durationSeconds = (performance.now() - since) / 1000;
      asyncStart.publish(trace);
      asyncEnd.publish(trace);
      return answer;
    });
    end.publish(trace);
    return served;
  });
}
