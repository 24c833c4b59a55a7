import type { INLINE, InlineSource } from '../dispatcher/inline-source.js';
import type { Listening } from '../dispatcher/listening.js';
import type { ProjectionTransaction, ReaderTypes } from './projection.js';

/** An inline projection as the runtime knows it. Made by `defineInlineProjection`. */
// biome-ignore lint/suspicious/noExplicitAny: each inline projection is one, whatever its types
export interface InlineProjection<Types extends ReaderTypes = any> {
  readonly kind: 'inline projection';
  readonly name: string;
  readonly version: number;
  readonly listening: ReadonlyMap<string, Listening>;
  readonly setup: (tx: ProjectionTransaction) => Promise<unknown>;
  readonly handle: (events: readonly never[], tx: ProjectionTransaction) => Promise<unknown>;
  readonly [INLINE]: InlineSource[typeof INLINE];
  /** Never set: carries the types. */
  readonly types?: Types;
}
