import { describeMachine } from '../../saga/describe-machine.js';
import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { sagaNamed } from './sagas.js';

/** The machines of sagas: what instances are drawn on. */
export function machineRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/inspect/machines/:saga',
      target: ({ saga = '' }) => ({ kind: 'inspect', saga }),
      handle: (call) => machine(setup, call),
    },
  ];
}

/** Instances in flight may run on an older one. */
function machine(setup: RouteSetup, call: Call): Reply {
  onlyKnown(call.query, ['version']);
  const saga = sagaNamed(setup, call.param('saga'));
  const version = wholeOf(call.query, 'version', { fallback: saga.version });
  const found = saga.machines.get(version);
  if (!found)
    throw notFound(
      'UnknownMachine',
      `Saga ${saga.name} has no machine of version ${version}: expected ${[...saga.machines.keys()].join(', ')}`,
    );
  return json({ saga: saga.name, version, id: found.id, root: describeMachine(found) });
}
