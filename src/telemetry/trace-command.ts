import { type CommandTrace, commandChannel } from './channels.js';

/** What is known of a call before it is sent. */
export type TracedCall = Pick<
  CommandTrace,
  'aggregate' | 'id' | 'type' | 'commandId' | 'correlationId' | 'traceparent'
>;

/** An answer as far as it is published. */
interface TracedReply {
  readonly kind: Exclude<CommandTrace['outcome'], undefined>;
  readonly version?: number;
  readonly position?: number;
  readonly events?: readonly unknown[];
  readonly deduplicated?: boolean;
  readonly code?: string;
  readonly rejection?: { readonly code: string };
}

/**
 * Publishes a call's start and end. `send` gets the trace, whose `traceparent` a subscriber may have set;
 * what it throws, or its promise, goes to the caller as it is.
 */
export function traceCommand<Sent extends { readonly reply: Promise<TracedReply> }>(
  call: TracedCall,
  send: (trace: CommandTrace) => Sent,
): Sent {
  const trace: CommandTrace = { ...call, startedAt: Date.now() };
  const start = performance.now();
  const { start: started, end, asyncStart, asyncEnd, error } = commandChannel;
  const settle = (): void => {
    trace.durationSeconds = (performance.now() - start) / 1000;
    if (isError(trace)) error.publish(trace);
    asyncStart.publish(trace);
    asyncEnd.publish(trace);
  };
  return started.runStores(trace, () => {
    try {
      const sent = send(trace);
      sent.reply.then(
        (reply) => {
          note(trace, reply);
          settle();
        },
        (thrown: unknown) => {
          noteRefusal(trace, thrown);
          settle();
        },
      );
      return sent;
    } catch (thrown) {
      noteRefusal(trace, thrown);
      settle();
      throw thrown;
    } finally {
      end.publish(trace);
    }
  });
}

function note(trace: CommandTrace, reply: TracedReply): void {
  trace.outcome = reply.kind;
  const code = reply.rejection?.code ?? reply.code;
  if (code !== undefined) trace.code = code;
  if (reply.version !== undefined) trace.version = reply.version;
  if (reply.position !== undefined) trace.position = reply.position;
  if (reply.events !== undefined) trace.events = reply.events.length;
  if (reply.deduplicated !== undefined) trace.deduplicated = reply.deduplicated;
}

/** A call that was refused before a shard had it. */
function noteRefusal(trace: CommandTrace, thrown: unknown): void {
  trace.outcome = 'refused';
  const { code } = (thrown ?? {}) as { code?: unknown };
  if (typeof code === 'string') trace.code = code;
}

function isError({ outcome }: CommandTrace): boolean {
  return outcome === 'refused' || outcome === 'failed' || outcome === 'unknown';
}
