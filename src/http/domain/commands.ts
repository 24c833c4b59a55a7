import type { Aggregate } from '../../aggregate/define-aggregate.js';
import type { Receipt } from '../../client/receipt.js';
import type { CreateOptions } from '../../client/send-options.js';
import type { Call } from '../call.js';
import { HttpError } from '../http-error.js';
import { etagOf, expectedVersion } from '../preconditions.js';
import { eventData } from '../redaction.js';
import type { Reply } from '../reply.js';
import { readJson } from '../request-body.js';
import { sendOptions } from '../request-headers.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { aggregateNamed } from './find-definition.js';
import { viewsToWaitFor, waitForViews } from './wait-for-views.js';

/** The routes that change something. */
export function commandRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/:aggregate',
      target: ({ aggregate = '' }) => ({ kind: 'command', aggregate }),
      async prepare(call) {
        call.dataAt = '/data';
        const body = toCreation(await readJson(call, setup.options.maxBodyBytes));
        const aggregate = call.param('aggregate');
        const { type: command, id } = body;
        return {
          target: { kind: 'command', aggregate, command, ...(id !== undefined && { id }) },
          prepared: body,
        };
      },
      handle: (call, prepared) => create(setup, call, prepared as Creation),
    },
    {
      method: 'POST',
      path: '/api/:aggregate/:id/:command',
      target: ({ aggregate = '', id = '', command = '' }) => ({
        ...{ kind: 'command', aggregate, id, command },
      }),
      handle: (call) => send(setup, call),
    },
  ];
}

/** Body of a creation. */
interface Creation {
  readonly type: string;
  readonly data: unknown;
  readonly id?: string;
}

function toCreation(body: unknown): Creation {
  const { type, data, id, ...others } = (isObject(body) ? body : {}) as Partial<Creation>;
  const wrong = [
    ...(typeof type === 'string' ? [] : [{ pointer: '/type', message: 'expected a command' }]),
    ...(id === undefined || typeof id === 'string'
      ? []
      : [{ pointer: '/id', message: 'expected a string' }]),
    ...Object.keys(others).map((name) => ({
      pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      message: 'expected none of this name',
    })),
  ];
  if (typeof type === 'string' && wrong.length === 0)
    return { type, data: data ?? {}, ...(id !== undefined && { id }) };
  throw new HttpError('InvalidCommand', 'The body has to be { type, data, id? }', {
    status: 422,
    errors: wrong,
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function create(setup: RouteSetup, call: Call, body: Creation): Promise<Reply> {
  const { definition, options, views } = checked(setup, call);
  const { type, data, id } = body;
  const receipt = await setup.runtime
    .aggregate(definition)
    .create({ type, data } as never, { ...options, ...(id !== undefined && { id }) });
  const path = [definition.name, receipt.id].map(encodeURIComponent).join('/');
  const headers = { location: `${call.base}/api/${path}` };
  return accepted(setup, { definition, receipt, views }, { status: 201, headers });
}

async function send(setup: RouteSetup, call: Call): Promise<Reply> {
  const { definition, options, views } = checked(setup, call);
  const data = await readJson(call, setup.options.maxBodyBytes);
  const command = { type: call.param('command'), data } as never;
  const receipt = await setup.runtime
    .aggregate(definition)
    .send(call.param('id'), command, options);
  return accepted(setup, { definition, receipt, views }, { status: 200, headers: {} });
}

interface CheckedCall {
  readonly definition: Aggregate;
  readonly options: CreateOptions;
  readonly views: readonly string[];
}

function checked(setup: RouteSetup, call: Call): CheckedCall {
  const { commands, requireIdempotencyKey } = setup.options;
  if (!commands)
    throw new HttpError(
      'CommandsOff',
      'Commands over HTTP are switched off: set the option commands',
      { status: 403 },
    );
  const definition = aggregateNamed(setup.runtime, call.param('aggregate'));
  const expected = expectedVersion(call);
  return {
    definition,
    options: {
      ...sendOptions(call, requireIdempotencyKey),
      ...(expected !== undefined && { expectedVersion: expected }),
      ...(wantsState(call) && { state: true }),
    },
    views: viewsToWaitFor(call, setup),
  };
}

function wantsState(call: Call): boolean {
  return call.hasQuery && call.query.get('state') === 'true';
}

interface Accepted {
  readonly definition: Aggregate;
  readonly receipt: Receipt;
  readonly views: readonly string[];
}

async function accepted(
  setup: RouteSetup,
  { definition, receipt, views }: Accepted,
  { status, headers }: { status: number; headers: Readonly<Record<string, string>> },
): Promise<Reply> {
  const { redact } = setup.options;
  const { id, version, position, state } = receipt;
  const waited = views.length > 0 ? await waitForViews(setup, views, position) : undefined;
  const { name: aggregate } = definition;
  const body = {
    ...{ aggregate, id, commandId: receipt.commandId, version, position },
    deduplicated: receipt.deduplicated,
    events: receipt.events.map((event) => ({
      ...event,
      data: eventData(redact, definition, id, event as { type: string; data: unknown }),
    })),
    ...(state !== undefined && { state: redact(state, { kind: 'state', aggregate, id }) }),
    ...(waited && { waited }),
  };
  return json(body, status, { etag: etagOf(version), ...headers });
}
