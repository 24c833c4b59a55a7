import { createHash } from 'node:crypto';
import type { DecideContext, NewEvent } from '../aggregate/decider.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { declaredRejection, RejectSignal } from '../aggregate/domain-errors.js';
import type { Metadata } from '../messages/command.js';
import type { Actor } from './actor.js';
import type { QueuedCommand } from './queued-command.js';

type AnyContext = DecideContext<Record<string, never>, Record<string, never>, unknown>;
type Constructors = Readonly<Record<string, (data: unknown) => NewEvent>>;

const constructors = new WeakMap<Aggregate, Constructors>();

/** Event constructors, made once per definition. */
export function eventConstructors(definition: Aggregate): Constructors {
  let made = constructors.get(definition);
  if (!made) {
    const entries = Object.keys(definition.events).map(
      (type) => [type, (data: unknown) => ({ type, data })] as const,
    );
    made = Object.fromEntries(entries) as unknown as Constructors;
    constructors.set(definition, made);
  }
  return made;
}

/** What `decide` gets as its third argument. Costly parts are made when asked for. */
export class Context implements AnyContext {
  private ids = 0;

  constructor(
    private readonly actor: Actor,
    private readonly command: QueuedCommand,
    readonly services: unknown,
  ) {}

  get id(): string {
    return this.actor.id;
  }
  get version(): number {
    return this.actor.version;
  }
  get attempt(): number {
    return this.command.attempts + this.command.message.handovers;
  }
  get now(): Date {
    return new Date(this.command.message.occurredAt);
  }
  get commandId(): string {
    return this.command.message.commandId;
  }
  get metadata(): Metadata {
    return JSON.parse(this.command.message.metadata) as Metadata;
  }
  get event(): AnyContext['event'] {
    return eventConstructors(this.actor.definition) as AnyContext['event'];
  }

  // Arrow functions, since deciders take the context apart: `(state, data, { event, reject }) => ...`.
  readonly newId = (): string => {
    this.ids += 1;
    return derivedId(this.commandId, this.ids);
  };

  readonly reject = (code: string, details: object = {}): never => {
    throw new RejectSignal(declaredRejection(this.actor.definition, code, details));
  };
}

/** A UUID (version 8, RFC 9562) from the SHA-256 of a command id and a counter. */
export function derivedId(commandId: string, counter: number): string {
  const hash = createHash('sha256').update(`${commandId}#${counter}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
