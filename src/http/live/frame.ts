/** A server-sent event. */
export interface Frame {
  readonly event: string;
  readonly data: unknown;
  /** What a client names in `Last-Event-ID` when it comes again. */
  readonly id?: string | number;
}

/** The text of a frame. JSON has no line breaks of its own. */
export function frameText({ event, data, id }: Frame): string {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return `${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** What keeps a silent connection open; clients do not see it. */
export const HEARTBEAT = ': still here\n\n';
/** How soon a client comes again that was cut off. */
export const RETRY = 'retry: 2000\n\n';
