import { TroupeError } from '../messages/errors.js';

/** Where in a machine something stands that a durable one may not do. */
export interface RefusedAt {
  /** Id of the machine. */
  readonly machine: string;
  /** Id of the state where the definition has it; in a step, in which states the machine was. */
  readonly state: string;
  /** Name of the action, the service or the delay. */
  readonly action: string;
}

/**
 * A machine does what cannot be made durable. Thrown by `defineSaga` for what is visible in the machine;
 * what shows only in a step parks the instance with this error.
 */
export class SagaRefused extends TroupeError {
  constructor(at: RefusedAt, problem: string) {
    const { machine, state, action } = at;
    super('SagaRefused', `Machine ${machine}, state ${state}, action ${action}: ${problem}`, {
      ...at,
      problem,
    });
  }
}
