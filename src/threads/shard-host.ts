import type { PositionRange } from '../messages/position-range.js';
import type { Store } from '../store/store.js';
import type { PlainNotice } from './protocol.js';
import type { OpenLink } from './shard-link.js';

/** What the clients of all shards of a runtime share. */
export interface ShardHost {
  readonly store: Store;
  readonly openLink: OpenLink;
  readonly now: () => number;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly unknownAfterMs: number;
  notice(notice: PlainNotice): void;
  /** A shard has stored these positions. */
  stored(ranges: readonly PositionRange[]): void;
}
