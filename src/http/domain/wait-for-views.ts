import { oneOf } from '../../internal/nearest.js';
import { isTroupeError } from '../../messages/errors.js';
import type { Call } from '../call.js';
import { badRequest } from '../http-error.js';
import type { RouteSetup } from '../routes.js';

/** How waiting for a view ended: the command is stored in each case. */
export type Waited = 'done' | 'timedOut' | 'parked' | 'failed';

/** Names in `?waitFor=`, several by commas or by repeating it. Throws 400 for one that is no view. */
export function viewsToWaitFor(call: Call, { runtime }: RouteSetup): readonly string[] {
  if (!call.hasQuery) return [];
  const names = call.query.getAll('waitFor').flatMap((given) => given.split(','));
  const { views } = runtime.definitions;
  const stranger = names.find((name) => !views.has(name));
  if (stranger === undefined) return [...new Set(names)];
  const shown = stranger.slice(0, 100);
  throw badRequest(
    'InvalidQuery',
    `waitFor: expected a view: ${oneOf([...views.keys()], shown)}, got ${JSON.stringify(shown)}`,
  );
}

/** Waits until the views have handled the log up to a position; nothing of it undoes the command. */
export async function waitForViews(
  { runtime, options }: RouteSetup,
  names: readonly string[],
  position: number,
): Promise<Readonly<Record<string, Waited>>> {
  const waited = names.map(async (name) => [name, await waitForOne(name)] as const);
  return Object.fromEntries(await Promise.all(waited));

  async function waitForOne(name: string): Promise<Waited> {
    try {
      await runtime.waitFor(name, position, { timeoutMs: options.waitForMs });
      return 'done';
    } catch (error) {
      if (isTroupeError(error, 'WaitTimedOut')) return 'timedOut';
      // What was waited for is stored: no error of waiting may say otherwise.
      return isTroupeError(error, 'Parked') ? 'parked' : 'failed';
    }
  }
}
