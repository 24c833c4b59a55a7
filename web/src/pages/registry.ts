import type { PageEntry } from '../app/page-entry.js';
import { ActorPage } from './actor/page.js';
import { ActorsPage } from './actors/page.js';
import { ApiPage } from './api/page.js';
import { CommandPage } from './correlation/command-page.js';
import { CorrelationPage } from './correlation/page.js';
import { DeadLettersPage } from './dead-letters/page.js';
import { EventsPage } from './events/page.js';
import { OverviewPage } from './overview/page.js';
import { ProjectionsPage } from './projections/page.js';
import { SagaInstancePage } from './sagas/instance.js';
import { InstancesPage } from './sagas/instances.js';
import { MachinePage } from './sagas/machine-page.js';
import { SagasPage } from './sagas/page.js';
import { ShardsPage } from './shards/page.js';
import { TimersPage } from './timers/page.js';

/** All pages, in the order of the navigation. The first that fits a place is shown. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Overview', nav: 'Overview', view: OverviewPage },
  { path: '/shards/:shard?', title: 'Shards', nav: 'Shards', view: ShardsPage },
  { path: '/actors', title: 'Actors', nav: 'Actors', view: ActorsPage },
  { path: '/actors/:aggregate/:id/:tab?', title: '{aggregate}/{id}', view: ActorPage },
  { path: '/events/:tab?', title: 'Events', nav: 'Events', view: EventsPage },
  { path: '/events/correlations/:id', title: 'Conversation {id}', view: CorrelationPage },
  { path: '/events/commands/:id', title: 'Command {id}', view: CommandPage },
  { path: '/sagas', title: 'Sagas', nav: 'Sagas', view: SagasPage },
  { path: '/sagas/:saga', title: '{saga}', view: InstancesPage },
  { path: '/sagas/:saga/:id', title: '{saga} {id}', view: SagaInstancePage },
  { path: '/machines/:saga', title: 'Machine of {saga}', under: 'sagas', view: MachinePage },
  { path: '/projections/:name?', title: 'Projections', nav: 'Projections', view: ProjectionsPage },
  { path: '/dead-letters', title: 'Dead letters', nav: 'Dead letters', view: DeadLettersPage },
  { path: '/timers', title: 'Timers', nav: 'Timers', view: TimersPage },
  { path: '/api', title: 'API', nav: 'API', view: ApiPage },
];
