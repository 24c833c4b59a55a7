import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { readEvent } from '../aggregate/read-event.js';
import { isIndexable } from '../dispatcher/indexes.js';
import type { SubscriptionInfo, Subscriptions } from '../dispatcher/subscriptions.js';
import { type Rejection, SetupError, TroupeError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import { type IndexName, indexSubscription } from '../store/indexes.js';
import type { Store } from '../store/store.js';
import { type RecordedEvent, toRecorded } from './recorded-event.js';

/** How far an index is: it holds every event up to `position`, and none of the `lag` positions above. */
export type IndexProgress = Pick<
  SubscriptionInfo,
  'name' | 'state' | 'position' | 'lag' | 'parked'
>;

/** Where the outcome of a command with an idempotency key is kept. */
export interface KeyOfCommand {
  readonly aggregate: Aggregate;
  readonly id: string;
  readonly idempotencyKey: string;
}

/** What is known of a command by its id alone. */
export type FoundCommand =
  | {
      readonly kind: 'accepted';
      /** Its events by position; none for a no-op that was found by its key. */
      readonly events: readonly RecordedEvent[];
      readonly index: IndexProgress;
    }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      readonly index: IndexProgress;
    }
  | {
      /** Not found so far, which is not the same as not executed. */
      readonly kind: 'notFound';
      readonly index: IndexProgress;
    };

/** Which events of a correlation are wanted. */
export interface CorrelationOptions {
  /** Go on after this position: `next` of the page before. Default: from its first event. */
  readonly after?: number;
  /** Stored events at most. Default 100, at most 1 000. */
  readonly limit?: number;
}

/** An event of a correlation, and what caused it. */
export type CorrelatedEvent = RecordedEvent & {
  /** What its sender gave: for commands of handlers the `eventId` of the event that they answer. */
  readonly causationId: string | undefined;
};

/** Events of one correlation, by position. */
export interface CorrelationPage {
  readonly events: readonly CorrelatedEvent[];
  /** Give it as `after` for the next page; `undefined` where the index has no more, yet. */
  readonly next: number | undefined;
  readonly index: IndexProgress;
}

/** What reading by index needs. */
export interface Indexed {
  readonly domain: Pick<Domain, 'stored'>;
  readonly store: Pick<Store, 'findOutcomes'>;
  readonly subscriptions: Subscriptions;
}

const PAGE = 1000;
const USUAL_LIMIT = 100;
const OPTION_OF: Readonly<Record<IndexName, string>> = {
  commands: 'indexes: { commands: true }',
  correlations: 'indexes: { correlations: true }',
};

/** Looks a command up by its id, and by its key if that is known. */
export async function findCommand(
  { domain, store, subscriptions }: Indexed,
  commandId: string,
  key: KeyOfCommand | undefined,
): Promise<FoundCommand> {
  const index = await progressOf(subscriptions, 'commands', commandId);
  const stored: StoredEvent[] = [];
  for (let after = 0; ; ) {
    const page = await subscriptions.indexed('commands', commandId, { after, limit: PAGE });
    stored.push(...page.filter((event) => event.commandId === commandId));
    after = page.at(-1)?.position ?? after;
    if (page.length < PAGE) break;
  }
  if (stored.length > 0) return { kind: 'accepted', events: recorded(domain, stored), index };
  const outcome = key && (await outcomeOf(store, key));
  if (outcome?.commandId !== commandId) return { kind: 'notFound', index };
  if (outcome.rejection === undefined) return { kind: 'accepted', events: [], index };
  return { kind: 'rejected', rejection: JSON.parse(outcome.rejection) as Rejection, index };
}

/** A page of a correlation. */
export async function readCorrelation(
  { domain, subscriptions }: Indexed,
  correlationId: string,
  { after = 0, limit = USUAL_LIMIT }: CorrelationOptions,
): Promise<CorrelationPage> {
  checkCount('after', after, 0, Number.MAX_SAFE_INTEGER);
  checkCount('limit', limit, 1, PAGE);
  const index = await progressOf(subscriptions, 'correlations', correlationId);
  const stored = await subscriptions.indexed('correlations', correlationId, { after, limit });
  const events = recorded(domain, stored).flatMap((event) =>
    event.metadata.correlationId === correlationId ? withCause(event) : [],
  );
  return { events, next: stored.length < limit ? undefined : stored.at(-1)?.position, index };
}

/** How far the index was before anything was looked up in it. */
async function progressOf(
  subscriptions: Subscriptions,
  index: IndexName,
  id: string,
): Promise<IndexProgress> {
  if (!isIndexable(id))
    throw invalidQuery('id', '1 to 512 bytes of text without control characters', id);
  const info = await subscriptions.one(indexSubscription(index));
  if (!info)
    throw new SetupError(
      'NotIndexed',
      `The log has no index of ${index}: start a runtime on it with the option ${OPTION_OF[index]}`,
      { index, option: OPTION_OF[index] },
    );
  const { name, state, position, lag, parked } = info;
  return { name, state, position, lag, parked };
}

async function outcomeOf(store: Indexed['store'], { aggregate, id, idempotencyKey }: KeyOfCommand) {
  const [outcome] = await store.findOutcomes([
    { aggregate: aggregate.storedAs, id, key: idempotencyKey },
  ]);
  return outcome;
}

function recorded(
  { stored }: Pick<Domain, 'stored'>,
  events: readonly StoredEvent[],
): readonly RecordedEvent[] {
  return events.flatMap((event) => {
    const definition = stored.get(event.aggregate);
    return toRecorded(definition, readEvent(definition, event));
  });
}

function withCause(event: RecordedEvent): CorrelatedEvent {
  const { causationId } = event.metadata;
  return { ...event, causationId: typeof causationId === 'string' ? causationId : undefined };
}

function checkCount(option: string, given: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(given) && (given as number) >= least && (given as number) <= most)
    return;
  throw invalidQuery(option, `a whole number from ${least} to ${most}`, given);
}

function invalidQuery(option: string, expected: string, given: unknown): TroupeError {
  const message = `${option}: expected ${expected}, got ${JSON.stringify(given) ?? typeof given}`;
  return new TroupeError('InvalidQuery', message, { option, expected });
}
