import type { Dispatch } from '../messages/answer.js';
import type { CommandMessage, Metadata } from '../messages/command.js';
import { commandChannel } from '../telemetry/channels.js';
import { traceCommand } from '../telemetry/trace-command.js';
import type { Router } from '../threads/router.js';
import { newRef } from './stamp.js';

/** Sends on the commands of handlers, sagas and timers; their calls are published as those of callers are. */
export function relayDispatch(router: Pick<Router, 'send'>): Dispatch {
  const send = (message: CommandMessage) => router.send({ ...message, ref: newRef() });
  return (message) => (commandChannel.hasSubscribers ? traced(message, send) : send(message));
}

function traced(message: CommandMessage, send: Dispatch): ReturnType<Dispatch> {
  const { aggregate, id, type, commandId } = message;
  // It was stamped in this runtime, from an object.
  const metadata = JSON.parse(message.metadata) as Metadata;
  const { correlationId = commandId, traceparent } = metadata;
  const call = { aggregate, id, type, commandId, correlationId, traceparent };
  return traceCommand(call, (trace) => {
    if (trace.traceparent === traceparent) return { reply: send(message) };
    const changed = { ...metadata, traceparent: trace.traceparent };
    return { reply: send({ ...message, metadata: JSON.stringify(changed) }) };
  }).reply;
}
