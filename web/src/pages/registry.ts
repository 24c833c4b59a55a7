import type { PageEntry } from '../app/page-entry.js';
import { ActorPage } from './actor/page.js';
import { ActorsPage } from './actors/page.js';
import { ApiPage } from './api/page.js';
import { CorrelationPage } from './correlation/page.js';
import { EventsPage } from './events/page.js';
import { OverviewPage } from './overview/page.js';
import { ShardsPage } from './shards/page.js';

/** All pages, in the order of the navigation. The first that fits a place is shown. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Overview', nav: 'Overview', view: OverviewPage },
  { path: '/shards/:shard?', title: 'Shards', nav: 'Shards', view: ShardsPage },
  { path: '/actors', title: 'Actors', nav: 'Actors', view: ActorsPage },
  { path: '/actors/:aggregate/:id/:tab?', title: '{aggregate}/{id}', view: ActorPage },
  { path: '/events', title: 'Events', nav: 'Events', view: EventsPage },
  { path: '/events/correlations/:id', title: 'Conversation {id}', view: CorrelationPage },
  { path: '/api', title: 'API', nav: 'API', view: ApiPage },
];
