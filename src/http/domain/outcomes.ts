import type { ResolvedOutcome } from '../../client/find-outcome.js';
import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';

/** What became of commands whose outcome was unknown. */
export function outcomeRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/commands/:commandId',
      target: ({ commandId = '' }) => ({ kind: 'outcome', commandId }),
      handle: (call) => outcome(setup, call),
    },
  ];
}

async function outcome({ runtime, unknown, options }: RouteSetup, call: Call): Promise<Reply> {
  const commandId = call.param('commandId');
  const command = unknown.get(commandId);
  if (!command)
    throw notFound(
      'UnknownOutcome',
      'No command of this id was answered 504 by this process: look for its id in the events',
    );
  const { aggregate, id } = command;
  const found = await runtime.outcome(command);
  const shown = found.kind === 'rejected' ? rejectedAs(found) : undefined;
  const version = found.kind === 'accepted' ? found.version : undefined;
  const position = found.kind === 'accepted' ? found.position : undefined;
  return json({ commandId, aggregate, id, outcome: found.kind, version, position, ...shown });

  function rejectedAs({ rejection }: ResolvedOutcome & { kind: 'rejected' }): object {
    const { code, number: internalCode, message, details } = rejection;
    const what = { kind: 'rejection', aggregate, id, type: code } as const;
    return {
      rejection: { code, internalCode, ...(options.redact({ message, details }, what) as object) },
    };
  }
}
