import type { AnyActorLogic, OutputFrom } from 'xstate';
import type { Aggregate, AggregateTypes, RejectionOf } from '../aggregate/define-aggregate.js';
import type { Rejection } from '../messages/errors.js';
import type { PlainError } from '../messages/plain-error.js';
import type { CommandFate, EffectResult, MachineEvent } from './saga-input.js';
import type { SagaCommand, SagaEffect } from './saga-state.js';

/** Names of the commands of an aggregate. */
export type CommandName<Types extends AggregateTypes> = keyof Types['commands'] & string;

type TypesOf<Definition> = Definition extends Aggregate<infer Types> ? Types : never;

/** What every outcome tells: for which command it is. A type, so that declarations of a saga can spell it out. */
type Answered = {
  /** Id of the aggregate instance. */
  readonly id: string;
  /** Idempotency key of the command. */
  readonly key: string;
};

type OutcomeNamed<Types extends AggregateTypes, Command extends string> =
  | (Answered & {
      readonly type: `${Types['name']}.${Command}.accepted`;
      /** Version of the stream after the command. */
      readonly version: number;
    })
  | (Answered & {
      readonly type: `${Types['name']}.${Command}.rejected`;
      readonly code: string;
      readonly message: string;
    } & RejectionOf<Types>)
  | (Answered & {
      readonly type: `${Types['name']}.${Command}.failed`;
      /** The bug in the decider. It was certainly not executed. */
      readonly error: PlainError;
    });

/**
 * The events by which a machine hears what became of a command: `account.withdraw.accepted`, `.rejected`
 * with the declared errors told apart by `shortCode`, `.failed`. For the machine's own union of events;
 * without a command, of all commands of the aggregate.
 *
 * @example
 * type Event = { type: 'requested' } | CommandOutcome<typeof account, 'withdraw' | 'deposit'>;
 */
export type CommandOutcome<
  Definition extends Aggregate,
  Command extends CommandName<TypesOf<Definition>> = CommandName<TypesOf<Definition>>,
> = { readonly [One in Command]: OutcomeNamed<TypesOf<Definition>, One> }[Command];

/** The events by which a machine hears what became of `effect(name, ...)`. */
export type EffectOutcome<Name extends string, Service extends AnyActorLogic> =
  | {
      readonly type: `${Name}.done`;
      readonly key: string;
      readonly output: OutputFrom<Service>;
    }
  | { readonly type: `${Name}.failed`; readonly key: string; readonly error: PlainError };

/** The machine event for what became of a command. */
export function outcomeEvent(
  { aggregate, type: command, id, key }: Pick<SagaCommand, 'aggregate' | 'type' | 'id' | 'key'>,
  outcome: CommandFate,
): MachineEvent {
  const type = `${aggregate}.${command}.${outcome.kind}`;
  switch (outcome.kind) {
    case 'accepted':
      return { type, id, key, version: outcome.version };
    case 'rejected':
      return { type, id, key, ...told(outcome.rejection) };
    case 'failed':
      return { type, id, key, error: outcome.error };
  }
}

function told({ code, shortCode, message, details }: Rejection) {
  return { code, shortCode, message, details };
}

/** The machine event for what became of an effect: xstate's own where it is the promise of an `invoke`. */
export function effectEvent(
  { key, service, invoke }: SagaEffect,
  result: EffectResult,
): MachineEvent {
  if (invoke === undefined)
    return result.ok
      ? { type: `${service}.done`, key, output: result.output }
      : { type: `${service}.failed`, key, error: result.error };
  return result.ok
    ? { type: `xstate.done.actor.${invoke}`, actorId: invoke, output: result.output }
    : { type: `xstate.error.actor.${invoke}`, actorId: invoke, error: result.error };
}
