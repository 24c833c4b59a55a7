import type { Listening } from '../dispatcher/listening.js';
import type { CONSUMER, Consumer, Transaction } from '../dispatcher/subscription.js';
import type { StreamName } from '../store/store.js';
import type { ProjectionContext } from './projection-context.js';

/** Marks what `defineProjection` made, whichever copy of the package made it. */
export const PROJECTION = Symbol.for('troupe.projection');

/** The transaction of a checkpoint, and where the projection's tables are. */
export interface ProjectionTransaction extends Transaction {
  /** A table of this projection and version, quoted for SQL: `${tx.table('counts')}`. */
  table(name: string): string;
}

/** A projection as the runtime knows it. Made by `defineProjection`. */
// biome-ignore lint/suspicious/noExplicitAny: each projection is a Projection, whatever its types
export interface Projection<Types extends ReaderTypes = any> {
  readonly kind: 'projection';
  readonly name: string;
  readonly version: number;
  readonly listening: ReadonlyMap<string, Listening>;
  readonly setup: (tx: ProjectionTransaction) => Promise<unknown>;
  /** What it listens to, to be compared. */
  readonly listens: string;
  readonly clear?: (stream: StreamName, tx: ProjectionTransaction) => Promise<unknown>;
  readonly handle: (events: readonly never[], tx: ProjectionTransaction) => Promise<void>;
  [CONSUMER](context: ProjectionContext): Consumer;
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** The types that projections and handlers carry. */
export interface ReaderTypes {
  readonly event: unknown;
  /** Its events as tests give them. */
  readonly given: unknown;
}

/** True for what `defineProjection` made. */
export function isProjection(value: unknown): value is Projection {
  return typeof value === 'object' && value !== null && PROJECTION in value;
}
