import type { PendingTimer } from '../../timers/pending-timers.js';
import type { Call } from '../call.js';
import { instantOf, invalidQuery, onlyKnown, wholeOf } from '../query-values.js';
import type { Redact } from '../redaction.js';
import type { Reply } from '../reply.js';
import { json, type Route, type RouteSetup } from '../routes.js';
import { asked, given, isText } from './asked.js';
import { shownError } from './shown.js';

/** Timers that are armed. */
export function timerRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/inspect/timers', target: () => ({ kind: 'inspect' }) },
      handle: (call) => timers(setup, call),
    },
  ];
}

async function timers({ runtime, options }: RouteSetup, call: Call): Promise<Reply> {
  const { query } = call;
  onlyKnown(query, ['aggregate', 'id', 'dueBefore', 'after', 'limit']);
  const dueBefore = instantOf(query, 'dueBefore');
  const limit = wholeOf(query, 'limit', { least: 1, most: 1000, fallback: 100 });
  const cursor = query.get('after');
  const armed = await asked(
    runtime.timers({
      ...{ ...given(query, ['aggregate', 'id']), limit },
      ...(dueBefore !== undefined && { dueBefore }),
      ...(cursor !== null && { after: timerAt(cursor) }),
    }),
  );
  const last = armed.at(-1);
  const next = armed.length === limit && last ? cursorOf(last) : undefined;
  return json({ items: armed.map((timer) => shownTimer(options.redact, timer)), next });
}

function shownTimer(redact: Redact, timer: PendingTimer): object {
  const { aggregate, id, key, dueAt, failure } = timer;
  const { type } = timer.command;
  const data = redact(timer.command.data, { kind: 'commandData', aggregate, id, type });
  return {
    ...{ aggregate, id, key, dueAt: dueAt.getTime(), command: { type, data } },
    failure: shownError(redact, failure, { aggregate, id, type }),
  };
}

function cursorOf({ aggregate, id, key, dueAt }: PendingTimer): string {
  return Buffer.from(JSON.stringify([dueAt.getTime(), aggregate, id, key])).toString('base64url');
}

/** What of a timer says where it stands among the others. */
function timerAt(cursor: string): PendingTimer {
  const [due, aggregate, id, key] = parts(cursor);
  const isTimer = [aggregate, id, key].every(isText);
  if (!isTimer || !Number.isSafeInteger(due) || Math.abs(due as number) > MAX_INSTANT)
    throw invalidQuery('after', '`next` of a page of timers', cursor);
  const dueAt = new Date(due as number);
  const place = { aggregate, id, key } as Pick<PendingTimer, 'aggregate' | 'id' | 'key'>;
  return { ...place, dueAt, command: { type: '', data: null }, failure: undefined };
}

/** Of a Date, in milliseconds. */
const MAX_INSTANT = 8.64e15;

function parts(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
