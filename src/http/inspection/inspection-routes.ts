import { changeStreamRoutes } from '../live/change-stream.js';
import { logStreamRoutes } from '../live/log-stream.js';
import type { Route, RouteSetup } from '../routes.js';
import { actorRoutes } from './actors.js';
import { logRoutes } from './log.js';
import { machineRoutes } from './machines.js';
import { projectionRoutes } from './projections.js';
import { sagaVerbRoutes } from './saga-verbs.js';
import { sagaRoutes } from './sagas.js';
import { stateInspectionRoutes } from './states.js';
import { subscriptionVerbRoutes } from './subscription-verbs.js';
import { subscriptionRoutes } from './subscriptions.js';
import { timerRoutes } from './timers.js';
import { verbRoutes } from './verbs.js';

/** A runtime from inside, over HTTP. */
export function inspectionRoutes(setup: RouteSetup): readonly Route[] {
  return [
    ...actorRoutes(setup),
    ...stateInspectionRoutes(setup),
    ...verbRoutes(setup),
    ...subscriptionRoutes(setup),
    ...subscriptionVerbRoutes(setup),
    ...projectionRoutes(setup),
    ...sagaRoutes(setup),
    ...machineRoutes(setup),
    ...sagaVerbRoutes(setup),
    ...timerRoutes(setup),
    ...logRoutes(setup),
    ...logStreamRoutes(setup),
    ...changeStreamRoutes(setup),
  ];
}
