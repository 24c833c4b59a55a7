import type { Route, RouteSetup } from '../routes.js';
import { commandRoutes } from './commands.js';
import { eventRoutes } from './events.js';
import { outcomeRoutes } from './outcomes.js';
import { stateRoutes } from './state.js';
import { viewRoutes } from './views.js';

/** The domain API. Those whose path begins with a word come before those that begin with a name. */
export function domainRoutes(setup: RouteSetup): readonly Route[] {
  return [
    ...outcomeRoutes(setup),
    ...viewRoutes(setup),
    ...commandRoutes(setup),
    ...eventRoutes(setup),
    ...stateRoutes(setup),
  ];
}
