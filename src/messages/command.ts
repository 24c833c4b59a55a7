/** What a caller may require of the stream before a command is decided. */
export type ExpectedVersion = number | 'none' | 'exists';

/**
 * A command on its way to an actor: plain data that could cross a network. `data` and `metadata` are
 * JSON text, serialised once by the sender.
 */
export interface CommandMessage {
  /** Number of this call within one runtime; answers carry it back. */
  readonly ref: number;
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
  readonly commandId: string;
  /** Unix milliseconds at which it happened in the domain; `context.now`. */
  readonly occurredAt: number;
  /** Unix milliseconds after which it is refused unless it was decided before. */
  readonly deadline: number;
  /** Idempotency key, or empty. */
  readonly key: string;
  readonly expectedVersion: ExpectedVersion | undefined;
  /** Whether the receipt shall carry the state. */
  readonly wantsState: boolean;
  /** Whatever definite end it has is kept under its key, a failure too, and for ever: for sagas. */
  readonly keepsAll: boolean;
  /** How often this command was already handed to a shard that died; 0 for the first. */
  readonly handovers: number;
}

/** The pseudo-command type of a query for the state: it waits its turn like a command. */
export const STATE_QUERY = '$state';

/** Who and what caused a command; stored with each of its events. */
export interface Metadata {
  /** Same for a whole conversation; default: the command's own id. */
  readonly correlationId?: string;
  /** Id of the command or event that directly caused this one. */
  readonly causationId?: string;
  /** Who sent it. */
  readonly principal?: string;
  readonly tenant?: string;
  readonly requestId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Anything else the sender wants stored with the events: plain JSON. */
  readonly [name: string]: unknown;
}
