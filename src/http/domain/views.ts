import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import { onlyKnown, wholeOf } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { viewNamed } from './find-definition.js';
import { toFindOptions } from './view-query.js';
import { waitForViews } from './wait-for-views.js';

/** What views hold. */
export function viewRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/views/:view',
      target: ({ view = '' }) => ({ kind: 'view', view }),
      handle: (call) => find(setup, call),
    },
    {
      method: 'GET',
      path: '/api/views/:view/:key',
      target: ({ view = '', key = '' }) => ({ kind: 'view', view, key }),
      handle: (call) => get(setup, call),
    },
  ];
}

async function find(setup: RouteSetup, call: Call): Promise<Reply> {
  const { runtime, options } = setup;
  const view = viewNamed(runtime, call.param('view'));
  const query = toFindOptions(view, call.query);
  await reached(setup, call, view.name);
  const { items, next } = await runtime.view(view).find(query as object);
  const shown = items.map(({ key, document }) => ({
    key,
    document: options.redact(document, { kind: 'document', view: view.name, id: key }),
  }));
  return json({ items: shown, ...(next !== undefined && { next }) });
}

async function get(setup: RouteSetup, call: Call): Promise<Reply> {
  const { runtime, options } = setup;
  const view = viewNamed(runtime, call.param('view'));
  onlyKnown(call.query, ['atPosition']);
  await reached(setup, call, view.name);
  const key = call.param('key');
  const document: unknown = await runtime.view(view).get(key);
  if (document === undefined)
    throw notFound('NoDocument', `View ${view.name} has no document ${JSON.stringify(key)}`);
  return json({
    key,
    document: options.redact(document, { kind: 'document', view: view.name, id: key }),
  });
}

/** `?atPosition=` waits, as `?waitFor=` of a command does; in vain it shows what there is. */
async function reached(setup: RouteSetup, call: Call, view: string): Promise<void> {
  const position = wholeOf(call.query, 'atPosition', { fallback: 0 });
  if (position > 0) await waitForViews(setup, [view], position);
}
