import type { AcceptedAnswer, AnswerEvent } from '../messages/answer.js';
import { type CommandMessage, STATE_QUERY } from '../messages/command.js';
import type { StoredEvent } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import type { FindCommands } from '../store/store.js';
import type { PendingCall } from './pending-calls.js';

/** Makes of stored events of one stream what is answered. */
export type ReadEvents = (events: readonly StoredEvent[]) => readonly AnswerEvent[];

/** What to look for in the log when a shard is gone. Queries left nothing there. */
export function searchFor(
  calls: readonly PendingCall[],
  incarnation: string,
): FindCommands & { readonly commands: readonly CommandMessage[] } {
  const commands = calls.map((call) => call.message).filter(({ type }) => type !== STATE_QUERY);
  const afterPosition = calls.reduce(
    (lowest, call) => Math.min(lowest, call.afterPosition),
    Number.MAX_SAFE_INTEGER,
  );
  return { commands, afterPosition, incarnation };
}

/** Answers for those commands whose events stand in the log. */
export function answersFromLog(
  commands: readonly CommandMessage[],
  events: readonly StoredEvent[],
  read: ReadEvents,
): AcceptedAnswer[] {
  const byCommand = new Map<string, StoredEvent[]>();
  for (const event of events) {
    const key = `${event.aggregate}\0${event.id}\0${event.commandId}`;
    const own = byCommand.get(key);
    if (own) own.push(event);
    else byCommand.set(key, [event]);
  }
  return commands.flatMap((command) => {
    const own = byCommand.get(`${command.aggregate}\0${command.id}\0${command.commandId}`);
    return own ? [{ ...accepted(command.ref, own), events: read(own) }] : [];
  });
}

/**
 * Commands without events that came before one of the same id which stands in the log: the thread had
 * decided them, and what it had decided ended with it. Decided again they would be out of order, on a
 * state that includes what came after them. A query has no effect, and is asked again.
 */
export function overtaken(
  commands: readonly CommandMessage[],
  found: readonly AcceptedAnswer[],
): CommandMessage[] {
  const stored = new Set(found.map((answer) => answer.ref));
  const passed = new Set<string>();
  const before: CommandMessage[] = [];
  for (const command of commands.toReversed()) {
    const stream = streamKey(command.aggregate, command.id);
    if (stored.has(command.ref)) passed.add(stream);
    else if (passed.has(stream)) before.push(command);
  }
  return before.reverse();
}

function accepted(ref: number, events: readonly StoredEvent[]): Omit<AcceptedAnswer, 'events'> {
  const last = events.at(-1) as StoredEvent;
  return {
    ref,
    kind: 'accepted',
    version: last.version,
    position: last.position,
    deduplicated: false,
    state: undefined,
  };
}
