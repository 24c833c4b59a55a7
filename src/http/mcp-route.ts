import { HttpError } from './http-error.js';
import { openInside } from './inside.js';
import { hostHeaderIsLoopback } from './loopback.js';
import type { Asker } from './mcp-mount.js';
import type { Reply } from './reply.js';
import { readJson } from './request-body.js';
import { plain, type Route, type RouteSetup } from './routes.js';

/** `POST /mcp`, where it is switched on. There are no sessions: GET and DELETE are answered 405. */
export function mcpRoutes(setup: RouteSetup): readonly Route[] {
  const { mcp, maxBodyBytes } = setup.options;
  if (!mcp) return [];
  const answer = mcp.open(openInside(setup));
  return [
    {
      method: 'POST',
      path: '/mcp',
      target: () => ({ kind: 'mcp' }),
      async handle(call) {
        refuseStrangers(call);
        return toReply(await answer(call, await readJson(call, maxBodyBytes)));
      },
    },
  ];
}

/** A page of another site that got here, by a name of its own or otherwise, says where it is from. */
function refuseStrangers(asker: Asker): void {
  const origin = asker.header('origin');
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : '';
  if (host !== '' && (host === asker.header('host') || hostHeaderIsLoopback(host))) return;
  throw new HttpError('Forbidden', `Pages of ${origin.slice(0, 200)} are not answered`, {
    status: 403,
  });
}

/** Whole: a stream of events ends with the answer to what was asked. */
async function toReply(response: Response): Promise<Reply> {
  const type = response.headers.get('content-type');
  const { headers } = plain(null, type === null ? {} : { 'content-type': type });
  return { status: response.status, headers, body: await response.text() };
}
