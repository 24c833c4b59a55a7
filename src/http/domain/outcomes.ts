import type { ResolvedOutcome } from '../../client/find-outcome.js';
import { isTroupeError } from '../../messages/errors.js';
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
  if (!command) return indexed(runtime, commandId);
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

/** By its id alone, from the index of command ids: as far as that has come. */
async function indexed(runtime: RouteSetup['runtime'], commandId: string): Promise<Reply> {
  const found = await runtime.command(commandId).catch((error: unknown) => {
    if (isTroupeError(error, 'NotIndexed') || isTroupeError(error, 'NoSubscriptions'))
      return undefined;
    throw error;
  });
  const last = found?.kind === 'accepted' ? found.events.at(-1) : undefined;
  if (last) {
    const { aggregate, id, version, position } = last;
    return json({ commandId, aggregate, id, outcome: 'accepted', version, position });
  }
  const where = found
    ? `up to position ${found.index.position}`
    : 'among those that this process answered 504; it keeps no index of command ids';
  throw notFound(
    'UnknownOutcome',
    `No command ${JSON.stringify(commandId.slice(0, 100))} is known ${where}. That is not to say that it was not executed`,
  );
}
