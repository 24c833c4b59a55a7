import { Actor } from '../actor/actor.js';
import { accept, type DecideSetup } from '../actor/decide.js';
import { replay, restore } from '../actor/fold.js';
import { type QueuedCommand, queuedCommand } from '../actor/queued-command.js';
import type { NewEvent } from '../aggregate/decider.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { toJson } from '../internal/json.js';
import type { EventRow } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import { sliceOf } from '../messages/slice.js';

/** An event as an older release may have stored it: not checked, only read. Made by `stored`. */
export class StoredAs {
  constructor(
    readonly type: string,
    readonly data: unknown,
    readonly schemaVersion: number,
  ) {}
}

/**
 * An event as it stands in the log, for `given`: it is not checked by its schema, as reading never does.
 * `schemaVersion` is the version under which it was stored; default 1.
 */
export function stored(type: string, data: unknown, schemaVersion = 1): StoredAs {
  return new StoredAs(type, data, schemaVersion);
}

/** The stream that commands are decided on. */
export interface Stream {
  readonly definition: Aggregate;
  readonly id: string;
}

/** A live actor that has read these rows, as one that was loaded from the log. */
export function actorAt({ definition, id }: Stream, rows: readonly EventRow[]): Actor {
  const { name } = definition;
  const actor = new Actor(streamKey(name, id), id, sliceOf(name, id), definition);
  restore(actor, undefined);
  replay(
    actor,
    rows.map((row, i) => ({ ...row, position: i + 1 })),
  );
  actor.status = 'ready';
  return actor;
}

/** The rows of the events that came before: each checked, serialised and evolved as if it were decided. */
export function historyRows(
  stream: Stream,
  events: readonly unknown[],
  { occurredAt, setup }: { readonly occurredAt: number; readonly setup: DecideSetup },
): readonly EventRow[] {
  const rows: EventRow[] = [];
  const actor = actorAt(stream, []);
  for (const [i, event] of events.entries()) {
    const command = given(stream, rows.length + 1, occurredAt);
    try {
      rows.push(...rowsOf(actor, { event, command, setup }));
    } catch (error) {
      const { name } = stream.definition;
      const why = error instanceof Error ? error.message : String(error);
      throw new TypeError(`given(${name}): events[${i}] (${typeOf(event)}): ${why}`, {
        cause: error,
      });
    }
  }
  return rows;
}

interface Step {
  readonly event: unknown;
  readonly command: QueuedCommand;
  readonly setup: DecideSetup;
}

function rowsOf(actor: Actor, { event, command, setup }: Step): readonly EventRow[] {
  if (event instanceof StoredAs) {
    const row = storedRow(actor, event, command);
    replay(actor, [{ ...row, position: row.version }]);
    return [row];
  }
  const declared = Object.keys(actor.definition.events);
  if (!declared.includes(typeOf(event)))
    throw new TypeError(`expected an event of type ${declared.join(', ')}`);
  // Constructors of the context add nothing but the type.
  const verdict = accept(actor, command, [event as NewEvent], setup);
  return verdict.kind === 'accepted' ? verdict.rows : [];
}

function storedRow(actor: Actor, event: StoredAs, { message }: QueuedCommand): EventRow {
  return {
    slice: actor.slice,
    aggregate: actor.aggregate,
    id: actor.id,
    version: actor.version + 1,
    type: event.type,
    schemaVersion: event.schemaVersion,
    data: toJson(event.data),
    metadata: message.metadata,
    commandId: message.commandId,
    occurredAt: message.occurredAt,
  };
}

function typeOf(event: unknown): string {
  return String((event as { type?: unknown } | null)?.type);
}

/** The command that caused an event of the history; its decider never runs. */
function given({ definition, id }: Stream, count: number, occurredAt: number): QueuedCommand {
  const message = {
    ref: 0,
    aggregate: definition.name,
    id,
    type: 'given',
    data: 'null',
    metadata: '{}',
    commandId: `given-${count}`,
    occurredAt,
    deadline: Number.POSITIVE_INFINITY,
    key: '',
    expectedVersion: undefined,
    wantsState: false,
    keepsAll: false,
    handovers: 0,
  };
  return queuedCommand(message, undefined, { data: undefined, hash: '' }, 0);
}
