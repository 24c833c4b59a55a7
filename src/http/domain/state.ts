import { builtInRejection } from '../../aggregate/domain-errors.js';
import { CommandRejected } from '../../messages/errors.js';
import type { Call } from '../call.js';
import { etagOf, isNotModified } from '../preconditions.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { aggregateNamed } from './find-definition.js';

/** The committed state of one instance. */
export function stateRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/:aggregate/:id',
      target: ({ aggregate = '', id = '' }) => ({ kind: 'state', aggregate, id }),
      handle: (call) => state(setup, call),
    },
  ];
}

async function state({ runtime, options }: RouteSetup, call: Call): Promise<Reply> {
  const definition = aggregateNamed(runtime, call.param('aggregate'));
  const id = call.param('id');
  const found = await runtime.aggregate(definition).state(id);
  if (!found) throw new CommandRejected(builtInRejection(definition, 'NotFound', id));
  const { version, position } = found;
  const headers = { etag: etagOf(version) };
  if (isNotModified(call, version)) return { status: 304, headers, body: null };
  const { name: aggregate } = definition;
  const shown = options.redact(found.state, { kind: 'state', aggregate, id });
  return json({ aggregate, id, version, position, state: shown }, 200, headers);
}
