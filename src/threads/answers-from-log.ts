import type { AcceptedAnswer } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';
import type { StoredEvent } from '../messages/event.js';

/** Answers for those commands whose events stand in the log. */
export function answersFromLog(
  commands: readonly CommandMessage[],
  events: readonly StoredEvent[],
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
    return own ? [accepted(command.ref, own)] : [];
  });
}

function accepted(ref: number, events: readonly StoredEvent[]): AcceptedAnswer {
  const last = events.at(-1) as StoredEvent;
  return {
    ref,
    kind: 'accepted',
    version: last.version,
    position: last.position,
    deduplicated: false,
    events,
    state: undefined,
  };
}
