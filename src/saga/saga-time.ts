import type { SagaTime } from './saga.js';
import type { SagaInput } from './saga-input.js';
import type { SagaState } from './saga-state.js';

/**
 * The instance's time at an input. By the clock it is `now`, but for a timer that fires never before it
 * is due, even if the clock was set back. In event time domain events and timers move it, never backwards;
 * what became of commands and effects, and what is done by hand, takes no time.
 */
export function timeOf(time: SagaTime, state: SagaState, input: SagaInput, now: number): number {
  const due = input.kind === 'timer' ? state.timers[input.key]?.due : undefined;
  if (time === 'wall') return Math.max(now, due ?? now);
  if (state.status === 'new' && input.kind === 'event') return input.at;
  const moved = input.kind === 'event' ? input.at : (due ?? state.time);
  return Math.max(state.time, moved);
}
