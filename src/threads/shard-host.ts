import type { Clock } from '../internal/clock.js';
import type { AnswerEvent } from '../messages/answer.js';
import type { StoredEvent } from '../messages/event.js';
import type { PositionRange } from '../messages/position-range.js';
import type { Quarantine } from '../store/operations.js';
import type { Owner } from '../store/ownership.js';
import type { Store } from '../store/store.js';
import type { Logger } from '../telemetry/log.js';
import type { PlainNotice } from './protocol.js';
import type { PushLines } from './push-lines.js';
import type { OpenLink } from './shard-link.js';

/** What the clients of all shards of a runtime share. */
export interface ShardHost {
  readonly store: Store;
  readonly openLink: OpenLink;
  /** Lines from shards to the processor. */
  readonly lines?: PushLines;
  readonly clock: Clock;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly unknownAfterMs: number;
  readonly logger?: Logger | undefined;
  /** The lease under which its writers are made, in exclusive ownership. */
  readonly lease?: string | undefined;
  /** Another process owns the log. May be called several times. */
  disowned?(owner: Owner | undefined): void;
  /** Streams that operators keep commands from, as they are known now. */
  quarantined?(): readonly Quarantine[];
  notice(notice: PlainNotice): void;
  /** Makes of stored events of one stream what is answered. */
  answerEvents(events: readonly StoredEvent[]): readonly AnswerEvent[];
  /** A shard has stored these positions. */
  stored(ranges: readonly PositionRange[]): void;
}
