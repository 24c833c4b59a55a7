import { invalid } from '../aggregate/expectations.js';
import { checkNameAndVersion } from '../dispatcher/consumer-name.js';
import {
  type EventOn,
  type GivenOn,
  type Restriction,
  resolveSources,
  type Source,
} from '../dispatcher/listening.js';
import { CONSUMER, type Consumer, type StartFrom } from '../dispatcher/subscription.js';
import { HANDLER, type Handler, type HandlerContext } from './handler.js';
import { handlerConsumer } from './handler-consumer.js';

import type { ProjectionContext } from './projection-context.js';

/** The object literal that `defineHandler` takes. */
export interface HandlerOptions<Sources extends readonly Source[]> extends Restriction<Sources> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. */
  readonly name: string;
  /** Raise it when what it listens to changes. */
  readonly version: number;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Takes one event after the other, in order of position. What it does may happen again: see `context.key`. */
  readonly handle: (event: EventOn<Sources>, context: HandlerContext) => unknown;
  /** Where it begins when it runs for the first time. Default `now`: what is past has no effects any more. */
  readonly from?: StartFrom;
  /** May it run again over events that it has handled, in a replay? Default false. */
  readonly replayable?: boolean;
}

/**
 * Defines a handler: effects outside of the database, such as a mail, and commands to other aggregates.
 * Each event is handled at least once, in order of position. Throws a `SetupError` that names the field,
 * what is expected and what is given.
 *
 * @example
 * export const welcome = defineHandler({
 *   name: 'welcome',
 *   version: 1,
 *   on: [only(account, 'opened')],
 *   handle: (event, context) => mails.send({ to: event.data.owner, key: context.key() }),
 * });
 */
export function defineHandler<const Sources extends readonly Source[]>(
  options: HandlerOptions<Sources>,
): Handler<{ event: EventOn<Sources>; given: GivenOn<Sources> }> {
  const { name, version, on, handle, from = 'now', replayable = false } = options;
  checkNameAndVersion('handler', name, version);
  const where = `handler ${name}`;
  if (typeof handle !== 'function') throw invalid(where, 'handle', 'a function', typeof handle);
  checkStart(where, from);
  const handler: Handler & { [HANDLER]: true } = {
    kind: 'handler',
    ...{ name, version, from, replayable },
    listening: resolveSources(where, on, options.where),
    handle: handle as Handler['handle'],
    [HANDLER]: true,
    [CONSUMER](context: ProjectionContext): Consumer {
      return handlerConsumer(handler, context);
    },
  };
  return handler;
}

/** Throws `InvalidDefinition` unless it is a place where a subscription may begin. */
export function checkStart(where: string, from: unknown): void {
  const isPosition = Number.isSafeInteger(from) && (from as number) >= 0;
  if (from === 'beginning' || from === 'now' || isPosition) return;
  throw invalid(where, 'from', "'beginning', 'now' or a position", String(from));
}
