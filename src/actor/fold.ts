import type { EvolveInfo } from '../aggregate/decider.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { UnreadableEvent } from '../aggregate/unreadable-event.js';
import { domainEvents } from '../aggregate/upcasting.js';
import type { LoadedEvent, LoadedStream } from '../store/store.js';
import type { Actor } from './actor.js';

/** A fresh copy of the state before the first event. */
export function initialState(definition: Aggregate): unknown {
  return copyOf(definition.initialState);
}

/** A deep copy of plain JSON. `structuredClone` is slow for values as small as initial states mostly are. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]));
}

/** One step of the fold. An evolver that returns nothing has changed the state it was given. */
export function evolve(
  definition: Aggregate,
  state: unknown,
  { type, data }: { readonly type: string; readonly data: unknown },
  info: EvolveInfo,
): unknown {
  const evolver = Object.hasOwn(definition.evolve, type) ? definition.evolve[type] : undefined;
  if (!evolver) throw new TypeError(`${definition.name} has no evolver for ${type}`);
  const next = evolver(state as never, data as never, info as never);
  return next === undefined ? state : next;
}

/** What `evolve` may know of an event beside its data. */
export class EventInfo implements EvolveInfo {
  constructor(
    readonly id: string,
    readonly version: number,
    private readonly occurredAtMs: number,
  ) {}

  get occurredAt(): Date {
    return new Date(this.occurredAtMs);
  }
}

/** Starts an actor's state from a snapshot, or from nothing. */
export function restore(actor: Actor, snapshot: LoadedStream['snapshot']): void {
  actor.state = snapshot ? JSON.parse(snapshot.state) : initialState(actor.definition);
  actor.version = snapshot?.version ?? 0;
  actor.snapshotVersion = actor.version;
  actor.bytes = snapshot?.state.length ?? 0;
  actor.committed = {
    version: actor.version,
    position: snapshot?.position ?? 0,
    commandId: snapshot?.commandId ?? '',
  };
}

/** Folds committed events onto an actor's committed state. Throws `UnreadableEvent`, also for a hole. */
export function replay(actor: Actor, events: readonly LoadedEvent[]): void {
  for (const event of events) {
    if (event.version <= actor.version) continue;
    const details = {
      aggregate: actor.aggregate,
      id: actor.id,
      version: event.version,
      type: event.type,
    };
    if (event.version !== actor.version + 1)
      throw new UnreadableEvent(details, `the event before it is version ${actor.version}`);
    try {
      const info = new EventInfo(actor.id, event.version, event.occurredAt);
      for (const domainEvent of domainEvents(actor, event))
        actor.state = evolve(actor.definition, actor.state, domainEvent, info);
    } catch (error) {
      if (error instanceof UnreadableEvent) throw error;
      throw new UnreadableEvent(
        details,
        error instanceof Error ? error.message : String(error),
        error,
      );
    }
    // It counts, whatever it was read as.
    actor.version = event.version;
    actor.committed = {
      version: event.version,
      position: event.position,
      commandId: event.commandId,
    };
  }
}
