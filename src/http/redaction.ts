import type { Aggregate } from '../aggregate/define-aggregate.js';
import { storedShape } from '../aggregate/event-codec.js';

/** What is about to leave. */
export interface Redactable {
  /**
   * `state`, `document` (of a view) and `event` (its data) are domain data; `metadata` that of an event;
   * `rejection` is `{ message, details }`; `command` what a schema said of a command's data, as
   * `[{ pointer, message }]`; `commandData` the data of a command that waits for its timer; `failure` an error
   * of the domain's code as plain data; `saga` an instance of a saga, `sagaStep` a step of one, each whole.
   */
  readonly kind:
    | 'state'
    | 'event'
    | 'metadata'
    | 'command'
    | 'commandData'
    | 'rejection'
    | 'failure'
    | 'saga'
    | 'sagaStep'
    | 'document';
  readonly aggregate?: string;
  readonly id?: string;
  /** Of an event, a command or a rejection. */
  readonly type?: string;
  readonly view?: string;
  readonly saga?: string;
}

/**
 * Returns what may be shown of a value: the value itself, or another one of the same form. Applied to all
 * domain data that leaves. If it throws, nothing leaves and the answer is 500.
 */
export type Redact = (value: unknown, what: Redactable) => unknown;

/** Where nothing is to be hidden. */
export const showAll: Redact = (value) => value;

/** An event as it leaves in a receipt. */
interface LeavingEvent {
  readonly type: string;
  readonly data: unknown;
}

/**
 * Data of an event as it leaves: in its stored shape, which is JSON; what a `decode` makes of it need not be.
 */
export function eventData(
  redact: Redact,
  definition: Aggregate,
  id: string,
  { type, data }: LeavingEvent,
): unknown {
  const codec = definition.codecs.get(type);
  const stored = codec ? storedShape(codec, data) : data;
  return redact(stored, { kind: 'event', aggregate: definition.name, id, type });
}
