import type { EffectInput, OutcomeInput, SagaInput, TimerInput } from './saga-input.js';
import type { SagaState } from './saga-state.js';
import type { NoTrace } from './step-result.js';

/** Why an input leaves no trace in an instance, or `undefined` if it makes a step. */
export function noTraceOf(state: SagaState, input: SagaInput): NoTrace | undefined {
  if (state.status === 'new')
    return input.kind === 'event' && input.start ? undefined : 'not-started';
  switch (input.kind) {
    case 'event':
    case 'sent':
      return undefined;
    case 'timer':
      if (state.timers[input.key]?.generation !== input.generation) return 'unarmed';
      return isHeld(state, input) ? 'held' : undefined;
    case 'outcome':
      if (!Object.hasOwn(state.commands, input.key)) return 'answered';
      return isHeld(state, input) ? 'held' : undefined;
    case 'effect':
      if (!Object.hasOwn(state.effects, input.key)) return 'answered';
      return isHeld(state, input) ? 'held' : undefined;
    case 'cancel':
      if (state.status === 'done' || state.status === 'cancelled') return 'ended';
      return state.cancelling && input.compensate ? 'cancelling' : undefined;
    case 'retry':
      if (state.status !== 'parked') return 'not-parked';
      return input.how === 'rerun' && !failedEffect(state) ? 'no-effect' : undefined;
  }
}

/** Delivered again while it waits. */
function isHeld({ held }: SagaState, input: TimerInput | OutcomeInput | EffectInput): boolean {
  const generation = input.kind === 'timer' ? input.generation : undefined;
  return held.some((one) => {
    if (one.kind !== input.kind || one.key !== input.key) return false;
    return one.kind !== 'timer' || one.generation === generation;
  });
}

/** The effect whose failure parked the instance. */
export function failedEffect({ held: [first], effects }: SagaState) {
  return first?.kind === 'effect' && !first.result.ok ? effects[first.key] : undefined;
}
