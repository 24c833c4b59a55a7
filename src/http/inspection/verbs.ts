import type { ActorVerb, Verb } from '../../store/operations.js';
import type { Reason } from '../../store/subscriptions.js';
import type { Call, Target } from '../call.js';
import { HttpError } from '../http-error.js';
import { invalidQuery, onlyKnown, wholeOf } from '../query-values.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, bodyOf, given, pageAfter, reasonOf } from './asked.js';

const ACTOR_VERBS: readonly ActorVerb[] = [
  ...(['passivate', 'snapshot', 'reload', 'quarantine', 'release'] as const),
];

/** What operators do to actors, and the record of all they do. */
export function verbRoutes(setup: RouteSetup): readonly Route[] {
  return [
    ...ACTOR_VERBS.map((verb) =>
      acting(setup, {
        path: `/inspect/actors/:aggregate/:id/${verb}`,
        fields: [],
        target: ({ aggregate = '', id = '' }) => ({ kind: 'operate', verb, aggregate, id }),
        act: (call, reason) => {
          const [aggregate, id] = [call.param('aggregate'), call.param('id')];
          return asked(setup.runtime.inspect[verb](aggregate, id, reason));
        },
      }),
    ),
    {
      ...{ method: 'GET', path: '/inspect/quarantines', target: () => ({ kind: 'inspect' }) },
      handle: (call) => quarantines(setup, call),
    },
    {
      ...{ method: 'GET', path: '/inspect/audit', target: () => ({ kind: 'inspect' }) },
      handle: (call) => audit(setup, call),
    },
  ];
}

/** Something that an operator does. */
export interface Acting<Field extends string> {
  readonly path: string;
  /** What the body may hold beside `who` and `why`. */
  readonly fields: readonly Field[];
  target(params: Readonly<Record<string, string>>): Target & { readonly verb: Verb };
  act(
    call: Call,
    reason: Reason,
    body: Readonly<Partial<Record<Field, unknown>>>,
  ): Promise<object | undefined>;
}

/** A route on which an operator does something; who and why come with its body. */
export function acting<Field extends string>(
  setup: RouteSetup,
  { path, fields, target, act }: Acting<Field>,
): Route {
  return {
    ...{ method: 'POST', path, target },
    async handle(call) {
      if (!setup.options.verbs) throw verbsOff(target(call.params).verb);
      onlyKnown(call.query, []);
      const body = await bodyOf(setup, call, ['who', 'why', ...fields]);
      // What the fields are is checked by whom they are handed to.
      const more = body as Readonly<Partial<Record<Field, unknown>>>;
      return json((await act(call, reasonOf(call, body), more)) ?? { result: 'done' });
    },
  };
}

function verbsOff(verb: Verb): HttpError {
  return new HttpError('VerbsOff', `${verb} is switched off: the option verbs switches it on`, {
    status: 403,
  });
}

async function quarantines({ runtime }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['aggregate', 'idPrefix', 'after', 'limit']);
  const { aggregate, idPrefix = '', after = '' } = given(query, ['aggregate', 'idPrefix', 'after']);
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const wanted = (await runtime.inspect.quarantined())
    .filter((one) => aggregate === undefined || one.aggregate === aggregate)
    .filter((one) => one.id.startsWith(idPrefix) && placeOf(one) > after)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return json(pageAfter(wanted, limit, placeOf));
}

function placeOf({ aggregate, id }: { readonly aggregate: string; readonly id: string }): string {
  return `${encodeURIComponent(aggregate)}/${encodeURIComponent(id)}`;
}

async function audit({ runtime }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['aggregate', 'id', 'after', 'limit']);
  const stream = given(query, ['aggregate', 'id']);
  if ((stream.aggregate === undefined) !== (stream.id === undefined))
    throw invalidQuery('The query', 'aggregate and id together', query.toString());
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const after = wholeOf(query, 'after', { fallback: Number.MAX_SAFE_INTEGER });
  const { entries, next } = await asked(runtime.inspect.audit({ ...stream, limit, after }));
  return json({ items: entries, next });
}
