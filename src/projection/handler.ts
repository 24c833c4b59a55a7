import type { Aggregate, AggregateTypes, CommandOf } from '../aggregate/define-aggregate.js';
import type { Receipt } from '../client/receipt.js';
import type { Listening } from '../dispatcher/listening.js';
import type { CONSUMER, Consumer, StartFrom } from '../dispatcher/subscription.js';
import type { ReaderTypes } from './projection.js';
import type { ProjectionContext } from './projection-context.js';

/** Marks what `defineHandler` made, whichever copy of the package made it. */
export const HANDLER = Symbol.for('troupe.handler');

/** What a handler may do beside its effect. */
export interface HandlerContext {
  /**
   * Sends a command, with a key derived from the handler, the event and the number of the call: handled
   * again, the event has no second effect, as long as the handler sends the same commands in the same
   * order. Rejects as `send` of an aggregate's client does; a rejection that is not caught parks the event.
   */
  send<Types extends AggregateTypes>(
    definition: Aggregate<Types>,
    id: string,
    command: CommandOf<Types>,
  ): Promise<Receipt<Types>>;
  /**
   * The same each time this event is handled, another for each handler, event and `index`: for services
   * outside that take an idempotency key.
   */
  key(index?: number): string;
}

/** A handler as the runtime knows it. Made by `defineHandler`. */
// biome-ignore lint/suspicious/noExplicitAny: each handler is a Handler, whatever its types
export interface Handler<Types extends ReaderTypes = any> {
  readonly kind: 'handler';
  readonly name: string;
  readonly version: number;
  readonly listening: ReadonlyMap<string, Listening>;
  readonly from: StartFrom;
  readonly replayable: boolean;
  readonly handle: (event: never, context: HandlerContext) => unknown;
  [CONSUMER](context: ProjectionContext): Consumer;
  /** Never set: carries the types. */
  readonly types?: Types;
}

/** True for what `defineHandler` made. */
export function isHandler(value: unknown): value is Handler {
  return typeof value === 'object' && value !== null && HANDLER in value;
}
