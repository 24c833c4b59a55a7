import type { ExpectedVersion, Metadata } from '../messages/command.js';
import type { WaitForOptions } from './wait-for.js';

/** Options of one call. */
export interface SendOptions extends WaitForOptions {
  /** Version that the stream must have: a number, `none` (new) or `exists`. Else the command is refused as `VersionConflict`. */
  readonly expectedVersion?: ExpectedVersion;
  /** Once per key: a repeated key returns the first outcome and has no second effect. At most 255 bytes. */
  readonly idempotencyKey?: string;
  /** Stored with each event: correlation and causation id, principal, tenant, request id, traceparent, and plain JSON of your own. */
  readonly metadata?: Metadata;
  /** When it happened in the domain; `context.now`. Default: the sender's clock. */
  readonly occurredAt?: Date | number | string;
  /** Refused unless it was decided within this many milliseconds. Default: the runtime's `timeoutMs`. */
  readonly timeoutMs?: number;
  /** Aborts the command while it still waits; a decided one is answered all the same. */
  readonly signal?: AbortSignal;
  /** Id of the command; names it in the log. Default: a new UUID version 7. At most 255 bytes. */
  readonly commandId?: string;
  /** The receipt carries the state after the command. Default false. */
  readonly state?: boolean;
}

/** Options of `create`. */
export interface CreateOptions extends SendOptions {
  /** Id of the new instance. Default: from the command's `idFor`, else from the idempotency key, else a new UUID version 7. */
  readonly id?: string;
}
