import { json, type Route, type RouteSetup } from '../routes.js';
import { asyncApiOf } from './asyncapi.js';
import { docsFile, docsPage } from './docs-page.js';
import { openApiOf } from './openapi.js';

/** What this API is, for programs and for people. */
export function documentRoutes({ runtime, options }: RouteSetup): readonly Route[] {
  const target = () => ({ kind: 'document' }) as const;
  return [
    {
      ...{ method: 'GET', path: '/openapi.json', target },
      handle: (call) => json(openApiOf(runtime, options, call.base)),
    },
    {
      ...{ method: 'GET', path: '/asyncapi.json', target },
      handle: () => json(asyncApiOf(runtime, options)),
    },
    {
      ...{ method: 'GET', path: '/docs', target },
      handle: (call) => docsPage(call.base, options.info.title),
    },
    {
      ...{ method: 'GET', path: '/docs/:file', target },
      handle: (call) => docsFile(call.param('file')),
    },
  ];
}
