import type { Aggregate, AggregateTypes, EventOf } from '../aggregate/define-aggregate.js';
import { domainShape } from '../aggregate/event-codec.js';
import type { AcceptedAnswer } from '../messages/answer.js';

/** An event in a receipt. Several that a stored one was split into share version and position. */
export type ReceiptEvent<Types extends AggregateTypes> = EventOf<Types> & {
  readonly version: number;
  readonly position: number;
};

/** Proof that a command is stored. */
export interface Receipt<Types extends AggregateTypes = AggregateTypes> {
  readonly aggregate: string;
  readonly id: string;
  readonly commandId: string;
  /** Version of the stream after the command; unchanged for a no-op. */
  readonly version: number;
  /** Position of the command's last event; for a no-op that of the stream's last event. */
  readonly position: number;
  /** The command's key had been used before: this is the first outcome. */
  readonly deduplicated: boolean;
  /** The events it caused; none for a no-op. */
  readonly events: readonly ReceiptEvent<Types>[];
  /** State after the command, if `state: true` was asked for; for a repeated key the state as it is now. */
  readonly state: Types['state'] | undefined;
}

interface Sent {
  readonly id: string;
  readonly commandId: string;
}

/** Makes the receipt of an accepted command. */
export function toReceipt<Types extends AggregateTypes>(
  { name, codecs }: Pick<Aggregate<Types>, 'name' | 'codecs'>,
  { id, commandId }: Sent,
  answer: AcceptedAnswer,
): Receipt<Types> {
  const { version, position, deduplicated } = answer;
  // The shard checked the events against the schemas that these types stand for.
  const events = answer.events.map((event) => ({
    type: event.type,
    data: domainShape(codecs.get(event.type), event.data),
    version: event.version,
    position: event.position,
  }));
  return {
    aggregate: name,
    id,
    commandId,
    version,
    position,
    deduplicated,
    events: events as unknown as readonly ReceiptEvent<Types>[],
    state: answer.state === undefined ? undefined : (JSON.parse(answer.state) as Types['state']),
  };
}
