import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Receipt } from '../client/receipt.js';
import { heard } from '../dispatcher/listening.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import type { Handler } from '../projection/handler.js';
import { handlerContext } from '../projection/handler-consumer.js';
import type { ReaderTypes } from '../projection/projection.js';
import type { SentCommand } from '../projection/send.js';
import { expectEqual } from './expectations.js';
import { feedOf, type GivenFor } from './feed.js';

/** A command as a handler sent it. */
export interface HandlerCommand {
  /** Name of the aggregate. */
  readonly aggregate: string;
  readonly id: string;
  readonly command: { readonly type: string; readonly data: unknown };
}

/** How a handler's commands are answered in a test. */
export interface GivenHandlerOptions {
  /** Answers a command, or throws as `send` would. Default: accepted, with a receipt of no events. */
  readonly answer?: (sent: HandlerCommand) => Partial<Receipt> | undefined;
}

/** A handler to which events were given. */
export class GivenHandler {
  constructor(
    private readonly name: string,
    private readonly handled: Promise<readonly HandlerCommand[]>,
  ) {
    handled.catch(() => undefined); // heard by whoever awaits a check
  }

  /** It sent exactly these commands, in this order. Await it. */
  async thenCommands(expected: readonly HandlerCommand[]): Promise<void> {
    expectEqual(`handler ${this.name}: its commands`, await this.handled, expected);
  }

  /** It sent nothing. Await it. */
  thenNothing(): Promise<void> {
    return this.thenCommands([]);
  }
}

/**
 * Hands events to a handler, twice each, as when its process ends before the checkpoint: the second time
 * it must send the same commands, which then have no effect.
 *
 * @example
 * await givenHandler(welcome, [{ type: 'opened', data: { owner: 'mia' } }])
 *   .thenCommands([{ aggregate: 'letter', id: 'id-1', command: { type: 'write', data: { to: 'mia' } } }]);
 */
export function givenHandler<Types extends ReaderTypes>(
  handler: Handler<Types>,
  events: readonly GivenFor<NoInfer<Types>['given']>[],
  options: GivenHandlerOptions = {},
): GivenHandler {
  // Its types live only in `types`, which is never set.
  const given = handler as unknown as Handler;
  return new GivenHandler(given.name, runTwice(given, events, options));
}

async function runTwice(
  handler: Handler,
  events: readonly unknown[],
  options: GivenHandlerOptions,
): Promise<readonly HandlerCommand[]> {
  const all: HandlerCommand[] = [];
  for (const event of feedOf(handler.listening, events)) {
    const first = await runOnce(handler, event, options);
    const again = await runOnce(handler, event, options);
    expectEqual(
      `handler ${handler.name}: its commands when it handles ${event.eventId} again`,
      again,
      first,
    );
    all.push(...first.map(({ aggregate, id, command }) => ({ aggregate, id, command })));
  }
  return all;
}

async function runOnce(handler: Handler, given: FeedEvent, { answer }: GivenHandlerOptions) {
  const sent: (HandlerCommand & { readonly key: string })[] = [];
  const event = heard<FeedEvent>(handler.listening, given);
  if (!event) return sent;
  const send = async (definition: Aggregate, { id, command, idempotencyKey }: SentCommand) => {
    const one = { aggregate: definition.name, id, command };
    sent.push({ ...one, key: idempotencyKey });
    return { ...EMPTY, commandId: idempotencyKey, ...answer?.(one), id } as unknown as Receipt;
  };
  await handler.handle(event as never, handlerContext(handler, event, send));
  return sent;
}

const EMPTY = { version: 1, position: 1, events: [], deduplicated: false };
