import type { Verb } from '../../store/operations.js';
import type { Reason } from '../../store/subscriptions.js';
import type { Call } from '../call.js';
import type { Route, RouteSetup } from '../routes.js';
import { invalidBody } from './asked.js';
import { rebuildSubscription } from './rebuilding.js';
import { streamIn, subscriptionNamed } from './subscriptions.js';
import { acting } from './verbs.js';

/** What stands for the stream of a subscription in the audit. */
const AUDITED_AS = '$subscription';

/** One thing that is done to a subscription. */
interface Doing {
  readonly word: string;
  readonly verb: Verb;
  readonly fields: readonly string[];
  /** Throws for a body that does not fit, before anything is put down. */
  work(name: string, body: Readonly<Record<string, unknown>>, reason: Reason): () => Promise<void>;
}

/** What operators do to subscriptions. Another verb is another entry of the list. */
export function subscriptionVerbRoutes(setup: RouteSetup): readonly Route[] {
  const { runtime } = setup;
  const doings: readonly Doing[] = [
    {
      ...{ word: 'pause', verb: 'pause', fields: [] },
      work: (name) => () => runtime.pause(name),
    },
    {
      ...{ word: 'resume', verb: 'resume', fields: ['at'] },
      work(name, { at }) {
        const position = positionIn(at);
        return () => runtime.resume(name, position === undefined ? {} : { at: position });
      },
    },
    {
      ...{ word: 'retry', verb: 'retryParked', fields: ['aggregate', 'id'] },
      work(name, body, reason) {
        const stream = streamIn(body);
        return () => runtime.retryParked(name, stream, reason);
      },
    },
    {
      ...{ word: 'skip', verb: 'skipParked', fields: ['aggregate', 'id'] },
      work(name, body, reason) {
        const stream = streamIn(body);
        return () => runtime.skipParked(name, stream, reason);
      },
    },
  ];
  return [...doings.map((doing) => route(setup, doing)), rebuildRoute(setup)];
}

function route(setup: RouteSetup, { word, verb, fields, work }: Doing): Route {
  return acting(setup, {
    path: `/inspect/subscriptions/:subscription/${word}`,
    fields,
    target: ({ subscription = '' }) => ({ kind: 'operate', verb, subscription }),
    async act(call: Call, reason, body) {
      const { name } = await subscriptionNamed(setup, call.param('subscription'));
      const entry = { verb, aggregate: AUDITED_AS, id: name };
      await setup.runtime.inspect.record(entry, reason, work(name, body, reason));
      return undefined;
    },
  });
}

/** It may outlast the request. */
function rebuildRoute(setup: RouteSetup): Route {
  const verb = 'rebuild';
  return acting(setup, {
    path: `/inspect/subscriptions/:subscription/${verb}`,
    fields: [],
    target: ({ subscription = '' }) => ({ kind: 'operate', verb, subscription }),
    async act(call, reason) {
      const { name } = await subscriptionNamed(setup, call.param('subscription'));
      return rebuildSubscription(setup, { verb, aggregate: AUDITED_AS, id: name }, reason);
    },
  });
}

function positionIn(at: unknown): number | undefined {
  if (at === undefined) return undefined;
  if (Number.isSafeInteger(at) && (at as number) >= 0) return at as number;
  throw invalidBody([{ pointer: '/at', message: 'expected a position' }]);
}
