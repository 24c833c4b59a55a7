import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import type { Headers, Reply } from '../reply.js';
import { rawPath } from '../request-path.js';
import { plain, type Route, type RouteSetup } from '../routes.js';
import { DashboardFiles } from './built-files.js';

/** Nothing from elsewhere, no script and no style in the page, and no text that becomes HTML. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HTML: Headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** The name of a file tells its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const LOOK_AGAIN_S = 2;

/** The page while there is none; no script is needed to look again. */
const NOT_BUILT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${LOOK_AGAIN_S}">
<title>Troupe</title>
</head>
<body>
<h1>The dashboard is being built</h1>
<p>This page looks again every ${LOOK_AGAIN_S} seconds. If it stays: <code>npm run build</code> builds it.</p>
</body>
</html>
`;

/**
 * The dashboard, prebuilt. Its files are for everybody and hold no data; what it shows it asks for like any
 * other client.
 */
export function dashboardRoutes(
  { options }: RouteSetup,
  built: Pick<DashboardFiles, 'load'> = new DashboardFiles(),
): readonly Route[] {
  if (!options.dashboard) return [];
  const target = () => ({ kind: 'document' }) as const;
  const page = { method: 'GET', target, isPublic: true } as const;
  return [
    { ...page, path: '/', handle: (call) => dashboard(built, call) },
    // What is mounted in hono at /troupe is asked for as /troupe/ as well: a segment that is empty.
    { ...page, path: '/:nothing{.{0}}', handle: (call) => dashboard(built, call) },
    { ...page, path: '/dashboard/:file', handle: (call) => file(built, call) },
  ];
}

async function dashboard(built: Pick<DashboardFiles, 'load'>, call: Call): Promise<Reply> {
  const found = await built.load();
  if (!found)
    return {
      ...plain(NOT_BUILT, { ...HTML, 'retry-after': String(LOOK_AGAIN_S) }),
      status: 503,
    };
  const body = found.page.replaceAll('="./', `="${escaped(besides(asked(call)))}`);
  return plain(body, { ...HTML, 'cache-control': 'no-cache' });
}

/**
 * What files of the page stand beside, relative to its address: so they are found under any path, also behind
 * a proxy that takes some of it off. Of `/troupe` they stand below it, which a browser would not think.
 */
function besides(url: string): string {
  const [last = ''] = rawPath(url).split('/').slice(-1);
  return last === '' ? './' : `./${last}/`;
}

/** Before anything in between took something off it. */
function asked({ incoming, url }: Call): string {
  return incoming?.originalUrl ?? incoming?.url ?? url;
}

/** Only what was built is looked for, by its name: no path leads anywhere else. */
async function file(built: Pick<DashboardFiles, 'load'>, call: Call): Promise<Reply> {
  const found = (await built.load())?.files.get(call.param('file'));
  if (!found) throw notFound('UnknownRoute', 'The dashboard has no file of this name');
  const isGzip = /\bgzip\b/.test(call.header('accept-encoding') ?? '');
  return plain(isGzip ? found.gzipped : found.bytes, {
    ...{ 'content-type': found.type, 'cache-control': FOR_EVER, vary: 'accept-encoding' },
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
}

function escaped(path: string): string {
  return path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
