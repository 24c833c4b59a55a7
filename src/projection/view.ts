import type { Listening } from '../dispatcher/listening.js';
import type { CONSUMER, Consumer } from '../dispatcher/subscription.js';
import type { ViewShape } from '../store/view-tables.js';
import type { ResolvedColumn } from './columns.js';
import type { ProjectionContext } from './projection-context.js';

/** Marks what `defineView` made, whichever copy of the package made it. */
export const VIEW = Symbol.for('troupe.view');

/** What `key` returns: the documents that an event concerns. */
export type Keys = string | readonly string[] | null | undefined;

/** The types that a view carries. */
export interface ViewTypes {
  readonly event: unknown;
  /** Its events as tests give them. */
  readonly given: unknown;
  readonly document: unknown;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** A view as the runtime knows it. Made by `defineView`; its types are read by inference. */
// biome-ignore lint/suspicious/noExplicitAny: each view is a View, whatever its types
export interface View<Types extends ViewTypes = any> extends ViewShape {
  readonly kind: 'view';
  readonly columns: readonly ResolvedColumn[];
  /** By name in the log. */
  readonly listening: ReadonlyMap<string, Listening>;
  readonly key: (event: never) => Keys;
  /** JSON text of the initial document. */
  readonly initial: string;
  readonly evolve: (document: never, event: never, key: string) => unknown;
  [CONSUMER](context: ProjectionContext): Consumer;
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** True for what `defineView` made. */
export function isView(value: unknown): value is View {
  return typeof value === 'object' && value !== null && VIEW in value;
}
