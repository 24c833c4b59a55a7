import type { Domain } from '../aggregate/domain.js';
import { sendThrough } from '../client/send-through.js';
import { type StampSetup, stamp, stampSetup } from '../client/stamp.js';
import type { Ask } from '../dispatcher/ask.js';
import { readConsumers } from '../dispatcher/processor.js';
import type { Consumer } from '../dispatcher/subscription.js';
import type { Clock } from '../internal/clock.js';
import { systemClock } from '../internal/clock.js';
import type { Dispatch } from '../messages/answer.js';
import { conversationOf } from '../messages/conversation.js';
import type { Sending } from '../messages/sending.js';
import type { Store } from '../store/store.js';
import type { ViewAccess } from '../store/view-tables.js';
import { bringUp, type OperationParts, operate } from './operations.js';
import type { ProjectionContext } from './projection-context.js';
import type { Send } from './send.js';
import { readHandled } from './served.js';

/** What the readers of a domain become consumers with, in one thread. */
export interface ReaderParts {
  readonly access: ViewAccess;
  readonly sending: Sending;
  readonly log: Pick<Store, 'settledEnd'>;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Makes the consumers of a domain's readers: its views, projections, handlers and publications, and its own ones. */
export function readersOf(
  domain: Domain,
  parts: ReaderParts,
): (dispatch: Dispatch) => readonly Consumer[] {
  return (dispatch) => readConsumers(domain.module, contextOf(domain, parts, dispatch));
}

function contextOf(
  domain: Domain,
  { access, sending, log, clock = systemClock }: ReaderParts,
  dispatch: Dispatch,
): ProjectionContext {
  const { checkpoints, schema, tables } = access;
  const send = sendVia(dispatch, domain, { sending, clock });
  return {
    ...{ schema, views: tables, send },
    ask: askVia(dispatch, stampSetup(sending, domain, clock)),
    handled: checkpoints ? readHandled(domain, checkpoints) : nothing,
    ...(checkpoints && operationsWith({ domain, access, checkpoints, log, send })),
  };
}

function operationsWith(parts: OperationParts): Pick<ProjectionContext, 'bringUp' | 'operate'> {
  return {
    bringUp: (name, how) => bringUp(parts, name, how),
    operate: (name, operation, how) => operate(parts, name, operation, how),
  };
}

async function* nothing(): AsyncGenerator<never> {
  // Nothing is parked where there are no checkpoints.
}

/** Sends commands of consumers through whoever dispatches them. */
export function sendVia(
  dispatch: Dispatch,
  domain: Domain,
  { sending, clock }: { readonly sending: Sending; readonly clock: Clock },
): Send {
  const setup = stampSetup(sending, domain, clock);
  return (definition, { id, command, idempotencyKey, causationId, ...caused }) => {
    const metadata = { causationId, ...conversationOf(caused) };
    const options = { idempotencyKey, metadata };
    return sendThrough(dispatch, definition, { id, command, options }, setup);
  };
}

/** Sends the runtime's own commands. */
export function askVia(dispatch: Dispatch, setup: StampSetup): Ask {
  return async ({ aggregate, id, type, data, ...call }) => {
    const { key, occurredAt, metadata, keepsAll, expectedVersion, wantsState } = call;
    return dispatch(
      stamp(
        { aggregate, id, type, data },
        {
          ...{ metadata, keepsAll },
          ...(expectedVersion !== undefined && { expectedVersion }),
          ...(key !== '' && { idempotencyKey: key }),
          ...(occurredAt !== undefined && { occurredAt }),
          ...(wantsState && { state: true }),
        },
        setup,
      ),
    );
  };
}
