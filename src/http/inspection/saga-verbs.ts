import type { Saga, SagaTypes } from '../../saga/saga.js';
import type { ByHandOptions, SagaClient, SagaInstanceState } from '../../saga/saga-client.js';
import type { Verb } from '../../store/operations.js';
import type { Reason } from '../../store/subscriptions.js';
import type { Call } from '../call.js';
import type { Route, RouteSetup } from '../routes.js';
import { invalidBody, storable } from './asked.js';
import { sagaShown } from './saga-shown.js';
import { sagaNamed } from './sagas.js';
import { acting } from './verbs.js';

const WAYS = ['again', 'skip', 'rerun'] as const;

type Client = SagaClient<SagaTypes>;
type Instance = Promise<SagaInstanceState>;

/** One thing that is done to an instance of a saga. */
interface Doing {
  readonly word: string;
  readonly verb: Verb;
  readonly fields: readonly string[];
  /** Throws for a body that does not fit, before anything is put down. */
  work(
    body: Readonly<Record<string, unknown>>,
  ): (client: Client, id: string, options: ByHandOptions) => Instance;
}

const DOINGS: readonly Doing[] = [
  {
    ...{ word: 'send', verb: 'sendToSaga', fields: ['event'] },
    work({ event }) {
      const sent = machineEvent(event);
      return (client, id, options) => client.send(id, sent as never, options);
    },
  },
  {
    ...{ word: 'retry', verb: 'retrySaga', fields: ['how'] },
    work({ how = 'again' }) {
      const way = WAYS.find((one) => one === how);
      if (!way)
        throw invalidBody([{ pointer: '/how', message: `expected one of ${WAYS.join(', ')}` }]);
      return (client, id, options) => client.retry(id, way, options);
    },
  },
  {
    ...{ word: 'cancel', verb: 'cancelSaga', fields: ['compensate'] },
    work({ compensate }) {
      if (compensate !== undefined && typeof compensate !== 'boolean')
        throw invalidBody([{ pointer: '/compensate', message: 'expected true or false' }]);
      const how = compensate === undefined ? {} : { compensate };
      return (client, id, options) => client.cancel(id, { ...how, ...options });
    },
  },
];

/** What operators do to instances of sagas: an input of the instance, and an entry of the audit. */
export function sagaVerbRoutes(setup: RouteSetup): readonly Route[] {
  return DOINGS.map(({ word, verb, fields, work }) =>
    acting(setup, {
      path: `/inspect/sagas/:saga/:id/${word}`,
      fields,
      target: ({ saga = '', id = '' }) => ({ kind: 'operate', verb, saga, id }),
      async act(call: Call, reason, body) {
        const saga = sagaNamed(setup, call.param('saga'));
        const id = storable('id', call.param('id'));
        const doIt = work(body);
        const client = setup.runtime.saga(saga) as unknown as Client;
        const instance = await setup.runtime.inspect.record(entryOf(saga, verb, id), reason, () =>
          doIt(client, id, { metadata: metadataOf(call, reason) }),
        );
        return sagaShown(setup.options.redact, saga, instance) as object;
      },
    }),
  );
}

function entryOf({ storedAs }: Saga, verb: Verb, id: string) {
  return { verb, aggregate: storedAs, id };
}

/** Stored with the step. */
function metadataOf({ principal }: Call, { who, why }: Reason) {
  return { principal: who, ...principal, why };
}

function machineEvent(event: unknown): object {
  if (typeof event === 'object' && event !== null && 'type' in event)
    if (typeof event.type === 'string' && event.type !== '') return event;
  throw invalidBody([{ pointer: '/event', message: 'expected an object with its type' }]);
}
