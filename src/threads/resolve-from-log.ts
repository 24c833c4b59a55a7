import { timerStreamOf } from '../aggregate/timer-stream.js';
import type { AcceptedAnswer, Answer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import type { StoredEvent } from '../messages/event.js';
import { outcomeKey } from '../store/outcomes.js';
import type { FindCommands, Store } from '../store/store.js';
import { answersFromLog, overtaken, type ReadEvents, searchFor } from './answers-from-log.js';
import type { PendingCall } from './pending-calls.js';

/**
 * What the log tells of commands whose thread is gone, after its writer was fenced: those that are
 * stored, and those that a later one of their id has overtaken. All others may be sent again.
 */
export async function resolveFromLog(
  store: Store,
  calls: readonly PendingCall[],
  incarnation: string,
  read: ReadEvents,
): Promise<Answer[]> {
  const query = searchFor(calls, incarnation);
  if (query.commands.length === 0) return [];
  const stored = await store.findCommands(withTimers(query));
  const accepted = answersFromLog(query.commands, stored, read);
  const found = [...accepted, ...(await onlyTimers(store, query.commands, stored))];
  const late = await withoutOutcome(store, overtaken(query.commands, found));
  return [...late.map(refusal), ...found];
}

/** What only changed timers stands in the stream of these. */
function withTimers<Query extends FindCommands>(query: Query): FindCommands {
  const timers = query.commands.map((command) => ({
    ...command,
    aggregate: timerStreamOf(command.aggregate),
  }));
  return { ...query, commands: [...query.commands, ...timers] };
}

/** Answers for commands that only changed timers. One with a key is sent again, and gets its outcome. */
async function onlyTimers(
  store: Store,
  commands: readonly CommandMessage[],
  stored: readonly StoredEvent[],
): Promise<AcceptedAnswer[]> {
  const ids = new Set(
    stored.map(({ aggregate, id, commandId }) => keyOf(aggregate, id, commandId)),
  );
  const own = commands.filter(
    ({ aggregate, id, commandId, key }) =>
      key === '' &&
      ids.has(keyOf(timerStreamOf(aggregate), id, commandId)) &&
      !ids.has(keyOf(aggregate, id, commandId)),
  );
  const heads = own.length === 0 ? [] : await store.heads(own);
  return own.map(({ ref }, i) => ({
    ...{ ref, kind: 'accepted', deduplicated: false, events: [], state: undefined },
    ...{ version: heads[i]?.version ?? 0, position: heads[i]?.position ?? 0 },
  }));
}

function keyOf(aggregate: string, id: string, commandId: string): string {
  return `${aggregate}\0${id}\0${commandId}`;
}

/** Those whose key is stored are sent again all the same: they get that outcome, and are not decided. */
async function withoutOutcome(
  store: Store,
  commands: readonly CommandMessage[],
): Promise<CommandMessage[]> {
  const keyed = commands.filter(({ key }) => key !== '');
  const outcomes = keyed.length === 0 ? [] : await store.findOutcomes(keyed);
  const stored = new Set(outcomes.map(outcomeKey));
  return commands.filter((command) => !stored.has(outcomeKey(command)));
}

function refusal({ ref, aggregate, id, commandId }: CommandMessage): Answer {
  return {
    ref,
    kind: 'refused',
    code: 'Overtaken',
    message:
      'Its thread ended before it was answered; it has no effect, and later commands of its id have: it cannot be decided in its turn any more',
    details: { aggregate, id, commandId },
    cause: undefined,
  };
}
