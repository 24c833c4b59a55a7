import type { Domain } from '../aggregate/domain.js';
import { sendThrough } from '../client/send-through.js';
import { type StampSetup, stamp, stampSetup } from '../client/stamp.js';
import type { Ask } from '../dispatcher/ask.js';
import { readConsumers } from '../dispatcher/processor.js';
import type { Consumer, Preparing } from '../dispatcher/subscription.js';
import type { Clock } from '../internal/clock.js';
import { systemClock } from '../internal/clock.js';
import type { Dispatch } from '../messages/answer.js';
import type { Sending } from '../messages/sending.js';
import type { ViewAccess } from '../store/view-tables.js';
import { isProjection } from './projection.js';
import type { ProjectionContext } from './projection-context.js';
import { build } from './rebuild.js';
import { type Rebuilt, rebuiltProjection, rebuiltView } from './rebuilt.js';
import type { Send } from './send.js';
import { readHandled, rebuildSource } from './served.js';
import { isView } from './view.js';

/** What the readers of a domain become consumers with, in one thread. */
export interface ReaderParts {
  readonly access: ViewAccess;
  readonly sending: Sending;
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
  { access, sending, clock = systemClock }: ReaderParts,
  dispatch: Dispatch,
): ProjectionContext {
  const { checkpoints, schema, tables } = access;
  return {
    schema,
    views: tables,
    send: sendVia(dispatch, domain, { sending, clock }),
    ask: askVia(dispatch, stampSetup(sending, domain, clock)),
    handled: checkpoints ? readHandled(domain, checkpoints) : nothing,
    ...(checkpoints && {
      bringUp: (name: string, how: Preparing) => bringUp(domain, access, name, how),
    }),
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
  return (definition, { id, command, idempotencyKey, correlationId, causationId }) => {
    const metadata = { causationId, ...(correlationId !== undefined && { correlationId }) };
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

/** Builds a raised version beside the one that serves, until it has taken its place. */
async function bringUp(
  domain: Domain,
  access: ViewAccess,
  name: string,
  { signal, progress }: Preparing,
): Promise<void> {
  const target = rebuiltOf(domain.readers.get(name), access);
  if (!target) return;
  const versions = await access.tables.versions(access.sql, target);
  const own = versions.find(({ version }) => version === target.version);
  if (own?.state !== 'building' || !access.checkpoints) return;
  const source = rebuildSource(domain, target, access, access.checkpoints);
  const upTo = await source.checkpoint.position();
  const nothingYet = { events: 0, eventsPerSecond: 0, secondsLeft: undefined };
  progress({ ...nothingYet, position: own.position, upTo });
  await build(target, target, { access, ...source, progress, signal, now: () => Date.now() });
}

function rebuiltOf(reader: unknown, access: ViewAccess): Rebuilt | undefined {
  if (isView(reader)) return rebuiltView(reader, access);
  return isProjection(reader) ? rebuiltProjection(reader, access) : undefined;
}
