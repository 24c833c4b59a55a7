import type { Domain } from './aggregate/domain.js';
import type { ClientSetup } from './client/aggregate-client.js';
import { askVia } from './projection/consumers.js';
import type { Views } from './projection/views.js';
import { Sagas } from './saga/sagas.js';
import type { Store } from './store/store.js';
import type { Feeds } from './threads/feeds.js';

/** What sagas are asked through. */
export interface SagaHost {
  readonly domain: Domain;
  readonly client: ClientSetup;
  readonly views: Views;
  readonly store: Store;
  readonly feeds: Feeds;
}

/** The sagas of a domain, for those who ask for them. */
export function openSagas({ domain, client, views, store, feeds }: SagaHost): Sagas {
  return new Sagas({
    ...{ domain, client },
    ask: askVia((message) => client.router.send(message), client.stamp),
    view: (definition) => views.client(definition, feeds.readers),
    logEnd: async () => (await store.logEnd([])).position,
    waitFor: (name, position, timeoutMs) => feeds.readers.waitFor(name, position, { timeoutMs }),
    grown: (ms) => feeds.signal.next(ms),
  });
}
