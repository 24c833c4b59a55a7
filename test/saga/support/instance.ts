import type { Saga } from '../../../src/saga/saga.js';
import type { MachineEvent, SagaInput } from '../../../src/saga/saga-input.js';
import { NEW_SAGA, nextDue, type SagaState } from '../../../src/saga/saga-state.js';
import type { StepResult } from '../../../src/saga/step-result.js';
import { stepSaga } from '../../../src/saga/step-saga.js';

export const NOON = Date.UTC(2024, 1, 29, 12);

/** An instance whose state goes through JSON after each step, as when its actor is loaded anew. */
export class Instance {
  state: SagaState = NEW_SAGA;
  now = NOON;

  constructor(
    readonly saga: Saga,
    readonly id = 'one',
  ) {}

  take(input: SagaInput): StepResult {
    const { saga, id, state, now } = this;
    const result = stepSaga(saga, { id, state }, input, now);
    this.state = JSON.parse(JSON.stringify(result.state)) as SagaState;
    return result;
  }

  start(input?: unknown, at = this.now): StepResult {
    const start = input === undefined ? {} : { input };
    return this.take({ kind: 'event', source: 'thing/one@1', at, start });
  }

  event(event: MachineEvent, at = this.now): StepResult {
    return this.take({ kind: 'event', source: `thing/one@${this.state.step + 1}`, at, event });
  }

  /** Fires what becomes due, in due order. */
  pass(ms: number): readonly StepResult[] {
    const end = this.now + ms;
    const results: StepResult[] = [];
    for (let next = nextDue(this.state); next && next.due <= end; next = nextDue(this.state)) {
      this.now = Math.max(this.now, next.due);
      results.push(this.take({ kind: 'timer', key: next.key, generation: next.generation }));
    }
    this.now = end;
    return results;
  }

  get value(): unknown {
    return this.state.snapshot?.value;
  }

  get context(): unknown {
    return this.state.snapshot?.context;
  }

  get dueIn(): readonly number[] {
    return Object.values(this.state.timers)
      .map(({ due }) => due - this.now)
      .sort((a, b) => a - b);
  }
}
