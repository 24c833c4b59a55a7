import type { DryRun } from '../../inspection/dry-run-result.js';
import { jsonDiff } from '../../inspection/json-diff.js';
import type { InspectedState } from '../../inspection/log-view.js';
import type { Call } from '../call.js';
import { notFound } from '../http-error.js';
import { invalidQuery, onlyKnown, wholeOf } from '../query-values.js';
import type { Redact } from '../redaction.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, bodyOf, invalidBody } from './asked.js';
import { shownError, shownEvent } from './shown.js';

const MAX_CHANGES = 1000;
const OF_ONE = ({ aggregate = '', id = '' }) => ({ kind: 'inspect', aggregate, id }) as const;

/** What the log says of one instance, and what a command would do to it. */
export function stateInspectionRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/inspect/actors/:aggregate/:id/state', target: OF_ONE },
      handle: (call) => state(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/actors/:aggregate/:id/diff', target: OF_ONE },
      handle: (call) => diff(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/actors/:aggregate/:id/events', target: OF_ONE },
      handle: (call) => stream(setup, call),
    },
    {
      method: 'POST',
      path: '/inspect/actors/:aggregate/:id/dry-run',
      target: ({ aggregate = '', id = '' }) => ({ kind: 'dryRun', aggregate, id }),
      async prepare(call) {
        call.dataAt = '/data';
        const prepared = await dryRunBody(setup, call);
        const [aggregate, id] = [call.param('aggregate'), call.param('id')];
        return { target: { kind: 'dryRun', aggregate, id, command: prepared.type }, prepared };
      },
      handle: (call, prepared) => dryRun(setup, call, prepared as DryRunBody),
    },
  ];
}

async function state(setup: RouteSetup, call: Call): Promise<Reply> {
  onlyKnown(call.query, ['version']);
  const isGiven = call.query.has('version');
  const version = isGiven ? wholeOf(call.query, 'version', { fallback: 0 }) : undefined;
  return json(await stateAt(setup, call, version));
}

/** A redacted state is compared, so that what is not to be seen is not seen by its changes. */
async function diff(setup: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['from', 'to']);
  const from = wholeOf(query, 'from', { fallback: 0 });
  if (!query.has('to')) throw invalidQuery('to', 'a version', '');
  const to = wholeOf(query, 'to', { fallback: 0 });
  if (to < from) throw invalidQuery('to', `a version from ${from} on`, String(to));
  const { state: before, ...atFrom } = await stateAt(setup, call, from);
  const { state: after, aggregate, id, ...atTo } = await stateAt(setup, call, to);
  const { aggregate: _, id: __, ...start } = atFrom;
  const changes = jsonDiff(before, after, MAX_CHANGES + 1);
  return json({
    ...{ aggregate, id, from: start, to: atTo, changes: changes.slice(0, MAX_CHANGES) },
    isCut: changes.length > MAX_CHANGES,
  });
}

async function stateAt(
  { runtime, options }: RouteSetup,
  call: Call,
  version: number | undefined,
): Promise<InspectedState> {
  const [aggregate, id] = [call.param('aggregate'), call.param('id')];
  const at = version === undefined ? {} : { version };
  const found = await asked(runtime.inspect.stateAt(aggregate, id, at));
  if (!found) throw notFound('NoSuchStream', `There is no stream ${aggregate}/${id}`);
  const what = { kind: 'state', aggregate: found.aggregate, id } as const;
  return { ...found, state: options.redact(found.state, what) };
}

async function stream({ runtime, options }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['after', 'limit']);
  const page = await asked(
    runtime.inspect.stream(call.param('aggregate'), call.param('id'), {
      after: wholeOf(query, 'after', { fallback: 0 }),
      limit: wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 }),
    }),
  );
  const items = page.events.map((event) => shownEvent(options.redact, event));
  return json({ items, next: page.next, isEnd: page.isEnd });
}

/** A command that is only tried. */
interface DryRunBody {
  readonly type: string;
  readonly data: unknown;
  readonly expectedVersion?: number;
}

async function dryRunBody(setup: RouteSetup, call: Call): Promise<DryRunBody> {
  const body = await bodyOf(setup, call, ['type', 'data', 'expectedVersion']);
  const { type, data = {}, expectedVersion } = body;
  if (typeof type !== 'string')
    throw invalidBody([{ pointer: '/type', message: 'expected the name of a command' }]);
  if (expectedVersion === undefined) return { type, data };
  if (Number.isSafeInteger(expectedVersion) && (expectedVersion as number) >= 0)
    return { type, data, expectedVersion: expectedVersion as number };
  throw invalidBody([{ pointer: '/expectedVersion', message: 'expected a version' }]);
}

async function dryRun(
  { runtime, options }: RouteSetup,
  call: Call,
  { type, data, ...more }: DryRunBody,
): Promise<Reply> {
  const [aggregate, id] = [call.param('aggregate'), call.param('id')];
  const metadata = { ...call.principal };
  const sent = { metadata, ...more };
  const found = await asked(runtime.inspect.dryRun(aggregate, id, { type, data }, sent));
  return json(shownRun(options.redact, found, { aggregate, id, type }));
}

function shownRun(
  redact: Redact,
  found: DryRun,
  {
    aggregate,
    id,
    type,
  }: { readonly aggregate: string; readonly id: string; readonly type: string },
): object {
  const what = { aggregate, id };
  switch (found.outcome) {
    case 'accepted':
      return {
        ...found,
        events: found.events.map((event) => ({
          ...event,
          data: redact(event.data, { kind: 'event', ...what, type: event.type }),
        })),
        state: redact(found.state, { kind: 'state', ...what }),
      };
    case 'rejected': {
      const { message, details, ...rejection } = found.rejection;
      const about = { kind: 'rejection', ...what, type: rejection.code } as const;
      return {
        ...found,
        rejection: { ...rejection, ...(redact({ message, details }, about) as object) },
      };
    }
    case 'refused':
    case 'failed': {
      const { message, details, ...rest } = found;
      const about = { ...what, type };
      const cause = 'cause' in found ? shownError(redact, found.cause, about) : undefined;
      const told = redact({ message, details }, { kind: 'failure', ...about }) as object;
      return { ...rest, ...told, cause };
    }
  }
}
