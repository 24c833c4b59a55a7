/** What a command takes over from the event that causes it: which conversation, and which trace, it belongs to. */
export type Conversation = {
  readonly correlationId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
};

/** Of the metadata of an event; others may have written anything into it. */
export function conversationOf({
  correlationId,
  traceparent,
}: Readonly<Record<string, unknown>>): Conversation {
  return {
    ...(typeof correlationId === 'string' && { correlationId }),
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}
