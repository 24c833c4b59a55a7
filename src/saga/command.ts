import type { ActionFunction, EventObject, MachineContext } from 'xstate';
import type { CommandInput } from '../aggregate/decider.js';
import type { Aggregate, AggregateTypes } from '../aggregate/define-aggregate.js';
import type { CommandName } from './outcome-event.js';

/** Marks actions made by `command`, whichever copy of the package made them. */
export const COMMAND = Symbol.for('troupe.saga.command');

/** What the functions of actions get. */
export interface SagaActionArgs<Context, Event> {
  readonly context: Context;
  readonly event: Event;
}

/** To which instance a command goes, and its data as `send` takes it. */
export interface Addressed<Data> {
  readonly id: string;
  readonly data: Data;
}

/** What an action made by `command` carries. */
export interface CommandTag {
  readonly definition: Aggregate;
  readonly type: string;
  readonly address: (args: SagaActionArgs<never, never>, params: never) => Addressed<unknown>;
}

/**
 * An action that sends a command to an aggregate, once, after the step is stored. What became of it comes
 * back to the machine as `<aggregate>.<command>.accepted`, `.rejected` or `.failed`: see `CommandOutcome`.
 *
 * @example
 * entry: command(account, 'withdraw', ({ context }) => ({ id: context.from, data: { cents: context.cents } }))
 */
export function command<
  Types extends AggregateTypes,
  const Type extends CommandName<Types>,
  Context extends MachineContext,
  Expression extends EventObject,
  Event extends EventObject,
  Params extends Readonly<Record<string, unknown>> | undefined = undefined,
>(
  definition: Aggregate<Types>,
  type: Type,
  address: (
    args: SagaActionArgs<Context, Expression>,
    params: Params,
  ) => Addressed<CommandInput<Types['commands'][Type]>>,
): ActionFunction<Context, Expression, Event, Params, never, never, never, never, never> {
  const tag: CommandTag = {
    // Its types live only in `types`, which is never set.
    definition: definition as unknown as Aggregate,
    type,
    address: address as CommandTag['address'],
  };
  return Object.assign(() => undefined, { [COMMAND]: tag });
}
