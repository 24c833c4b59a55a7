/**
 * Spans of what a runtime does, through `@opentelemetry/api` (an optional peer): made of what the channels of
 * `node:diagnostics_channel` tell, so that a process that does not import this pays nothing.
 */
import { type TracerProvider, trace } from '@opentelemetry/api';
import { commandChannel, feedChannels, requestChannel, shardChannels } from '../channels.js';
import { CommandSpans } from './command-spans.js';
import { batchSpans } from './record-spans.js';
import { RequestSpans } from './request-spans.js';

/** What `traceWithOpenTelemetry` takes. */
export interface OpenTelemetryOptions {
  /** Default: the global one, as it is registered by then. */
  readonly tracerProvider?: TracerProvider;
}

/**
 * Makes spans from now on, for all runtimes of this process; returns what ends it. Sampling, exporting and
 * resources are the SDK's, which is the application's to set up, before this.
 *
 * A request of `troupe/http` is a span joined to its `traceparent`, or to the span that is active. A command is
 * one, whoever sends it: a caller, a handler, a saga, a timer; an input of a saga is a command to its instance. Its
 * context is stored with its events, and so everything that they cause is in the same trace, in whichever thread,
 * process or year: each append, each batch of each subscription, the commands that these send.
 *
 * @example
 * import { traceWithOpenTelemetry } from 'troupe/opentelemetry';
 * const end = traceWithOpenTelemetry();
 */
export function traceWithOpenTelemetry({ tracerProvider }: OpenTelemetryOptions = {}): () => void {
  const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer('troupe');
  const commands = new CommandSpans(tracer);
  const requests = new RequestSpans(tracer);
  const ofBatch = batchSpans(tracer);
  // Each channel has records of its own kind.
  const onAppend = (record: unknown): void => commands.appended(record as never);
  const onBatch = (record: unknown): void => ofBatch(record as never);
  commandChannel.subscribe(commands.handlers);
  requestChannel.subscribe(requests.handlers);
  shardChannels.append.subscribe(onAppend);
  feedChannels.batch.subscribe(onBatch);
  return () => {
    commandChannel.unsubscribe(commands.handlers);
    requestChannel.unsubscribe(requests.handlers);
    shardChannels.append.unsubscribe(onAppend);
    feedChannels.batch.unsubscribe(onBatch);
  };
}
