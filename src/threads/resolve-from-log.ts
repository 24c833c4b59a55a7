import type { Answer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import { outcomeKey } from '../store/outcomes.js';
import type { Store } from '../store/store.js';
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
  const found = answersFromLog(query.commands, await store.findCommands(query), read);
  const late = await withoutOutcome(store, overtaken(query.commands, found));
  return [...late.map(refusal), ...found];
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
