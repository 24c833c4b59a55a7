import type { Action, Authorize, Principal, RequestInfo } from './action.js';
import { HttpError } from './http-error.js';
import { hostHeaderIsLoopback, isLoopbackAddress } from './loopback.js';

/**
 * Lets a request through or throws 401 or 403. Without `authorize`, only what comes from this machine to a
 * name of this machine is let through: nobody is asked who it is.
 */
export async function admit(
  authorize: Authorize | undefined,
  request: RequestInfo,
  action: Action,
): Promise<Principal | undefined> {
  if (!authorize) return admitLocal(request);
  const verdict = await authorize(request, action);
  if (typeof verdict === 'string' && verdict !== '') return { principal: verdict };
  if (typeof verdict === 'object' && verdict !== null) return verdict;
  throw request.header('authorization') === undefined ? UNAUTHENTICATED() : FORBIDDEN(action);
}

function admitLocal(request: RequestInfo): undefined {
  const { remoteAddress } = request;
  const isLocal = remoteAddress !== undefined && isLoopbackAddress(remoteAddress);
  const isProxied = request.header('x-forwarded-for') ?? request.header('forwarded');
  if (isLocal && isProxied === undefined && hostHeaderIsLoopback(request.header('host') ?? ''))
    return undefined;
  throw new HttpError(
    'NotProtected',
    'Without the option authorize or token, only requests from this machine itself are answered',
    { status: 403 },
  );
}

const UNAUTHENTICATED = (): HttpError =>
  new HttpError('Unauthenticated', 'This needs an Authorization header', {
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  });

const FORBIDDEN = ({ route }: Action): HttpError =>
  new HttpError('Forbidden', `Not allowed: ${route}`, { status: 403 });
