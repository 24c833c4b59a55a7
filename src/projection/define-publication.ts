import { invalid } from '../aggregate/expectations.js';
import { toCloudEvent } from '../client/cloud-event.js';
import { checkNameAndVersion } from '../dispatcher/consumer-name.js';
import {
  filterOf,
  heard,
  type Listening,
  type Restriction,
  resolveSources,
  type Source,
} from '../dispatcher/listening.js';
import {
  CONSUMER,
  type Consumer,
  type FeedEvent,
  type StartFrom,
} from '../dispatcher/subscription.js';
import { canonicalJson } from '../internal/json.js';
import { checkStart } from './define-handler.js';

import type { Publisher } from './publisher.js';

/** Marks what `definePublication` made, whichever copy of the package made it. */
export const PUBLICATION = Symbol.for('troupe.publication');

/** The object literal that `definePublication` takes. */
export interface PublicationOptions<Sources extends readonly Source[] = readonly Source[]>
  extends Restriction<Sources> {
  /** Small letters and digits, in words joined by `-`; at most 40 characters. */
  readonly name: string;
  /** Raise it when what is published changes. */
  readonly version: number;
  /** Aggregates, or `only(aggregate, ...)` some of their events. */
  readonly on: Sources;
  /** Makes what they are published to, once, when the first batch is there. */
  readonly to: () => Publisher;
  /** Where it begins when it runs for the first time. Default `beginning`. */
  readonly from?: StartFrom;
}

/** Events on their way to another system. Made by `definePublication`. */
export interface Publication {
  readonly kind: 'publication';
  readonly name: string;
  readonly version: number;
  readonly listening: ReadonlyMap<string, Listening>;
  [CONSUMER](): Consumer;
}

/**
 * Publishes events to another system as CloudEvents 1.0: in order of position, in batches, each event at
 * least once. How far it has come is kept with the log. Throws a `SetupError` that names the field, what
 * is expected and what is given.
 *
 * @example
 * export const feed = definePublication({
 *   name: 'feed',
 *   version: 1,
 *   on: [account],
 *   to: () => ndjsonFile('events.ndjson'),
 * });
 */
export function definePublication<const Sources extends readonly Source[]>(
  options: PublicationOptions<Sources>,
): Publication {
  const { name, version, on, to, from = 'beginning' } = options;
  checkNameAndVersion('publication', name, version);
  const where = `publication ${name}`;
  if (typeof to !== 'function') throw invalid(where, 'to', 'a function', typeof to);
  checkStart(where, from);
  const listening = resolveSources(where, on, options.where);
  const filter = filterOf(listening);
  const publication: Publication & { [PUBLICATION]: true } = {
    ...{ kind: 'publication' as const, name, version, listening },
    [PUBLICATION]: true,
    [CONSUMER](): Consumer {
      let publisher: Publisher | undefined;
      return {
        ...{ name, version, filter, from },
        fingerprint: canonicalJson({ name, version, filter }),
        effects: 'batch',
        async handle(events) {
          const batch = events.flatMap((event) => cloudEvents(listening, event));
          publisher ??= to();
          if (batch.length > 0) await publisher.publish(batch);
        },
        async close() {
          await publisher?.close?.();
          publisher = undefined;
        },
      };
    },
  };
  return publication;
}

function cloudEvents(listening: ReadonlyMap<string, Listening>, given: FeedEvent) {
  const event = heard<FeedEvent>(listening, given);
  const definition = listening.get(given.aggregate)?.definition;
  // An event of a feed is one that was recorded.
  return event && definition ? [toCloudEvent(event as never, definition)] : [];
}
