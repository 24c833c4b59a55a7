import type { ActionFunction, EventObject, InputFrom, MachineContext, ProvidedActor } from 'xstate';
import type { SagaActionArgs } from './command.js';

/** Marks actions made by `effect`, whichever copy of the package made them. */
export const EFFECT = Symbol.for('troupe.saga.effect');

/** What an action made by `effect` carries. */
export interface EffectTag {
  readonly service: string;
  readonly input: ((args: SagaActionArgs<never, never>, params: never) => unknown) | undefined;
}

type ServiceInput<Actor extends ProvidedActor, Name> = InputFrom<
  Extract<Actor, { src: Name }>['logic']
>;

/**
 * An action that runs one of the machine's declared `actors`, a `service(...)` or a `fromPromise(...)`, at
 * least once, after the step is stored. Its result comes back as `<name>.done` with `output`, or, after all
 * attempts, `<name>.failed` with `error`: see `EffectOutcome`. It goes on when the state is left; for a
 * promise that ends with its state use `invoke`.
 *
 * @example
 * entry: effect('notify', ({ context }) => ({ to: context.owner }))
 */
export function effect<
  Context extends MachineContext,
  Expression extends EventObject,
  Event extends EventObject,
  Actor extends ProvidedActor,
  const Name extends Actor['src'],
  Params extends Readonly<Record<string, unknown>> | undefined = undefined,
>(
  service: Name,
  input?: (args: SagaActionArgs<Context, Expression>, params: Params) => ServiceInput<Actor, Name>,
): ActionFunction<Context, Expression, Event, Params, Actor, never, never, never, never> {
  const tag: EffectTag = { service, input: input as EffectTag['input'] };
  return Object.assign(() => undefined, { [EFFECT]: tag });
}
