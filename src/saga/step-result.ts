import type { SagaLog } from './saga-log.js';
import type { SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/**
 * Why an input left no trace. `not-started`: the instance is new and the event may not start it; `unarmed`:
 * the timer was cancelled, has fired or was armed anew; `answered`: the outcome or result is known, or no
 * longer wanted; `held`: it waits already; `ended`, `cancelling`, `not-parked`, `no-effect`: there is nothing
 * to cancel, to retry, or no failed effect to run anew.
 */
export type NoTrace =
  | 'not-started'
  | 'unarmed'
  | 'answered'
  | 'held'
  | 'ended'
  | 'cancelling'
  | 'not-parked'
  | 'no-effect';

/** What an input comes to. */
export interface StepResult {
  /** To store, in this order and together: none if the input left no trace, several only for a retry. */
  readonly steps: readonly Stepped[];
  /** State after them: what `evolveSaga` makes of them. */
  readonly state: SagaState;
  readonly logs: readonly SagaLog[];
  readonly noTrace?: NoTrace;
}
