import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { DecideContext } from '../aggregate/decider.js';
import { AGGREGATE, type Aggregate } from '../aggregate/define-aggregate.js';
import { resolveSnapshotPolicy } from '../aggregate/snapshot-policy.js';
import { evolveSaga } from './evolve-saga.js';
import type { Saga } from './saga.js';
import type { SagaInput } from './saga-input.js';
import { isWaiting, NEW_SAGA, nextDue, type SagaState } from './saga-state.js';
import { stepSaga } from './step-saga.js';
import type { Stepped } from './stepped.js';

/** The command that carries any input. */
export const INPUT = 'input';
/**
 * In event time: fires the next timer that is due at or before `upTo`, once nothing is under way any more. With
 * an `upTo` before all timers it only asks how the instance stands.
 */
export const ADVANCE = 'advance';
/** The one event. */
export const STEPPED = 'stepped';

/** Data of the command `advance`. */
export interface Advance {
  /** Unix milliseconds. */
  readonly upTo: number;
}

/** Made by the runtime itself: there is nothing to check. */
const anything: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'troupe', validate: (value) => ({ value }) },
};

type Context = Pick<DecideContext<never, never, never>, 'id' | 'now'> & {
  readonly event: { readonly [STEPPED]: (stepped: Stepped) => unknown };
};

/**
 * The instances of a saga as actors: mailbox, group commit, recovery, snapshots and once per key are those
 * of any aggregate. One input is one command, one step one event.
 */
export function sagaAggregate(saga: Saga): Aggregate {
  const step = (state: SagaState, input: SagaInput, context: Context, now: number): unknown[] =>
    stepSaga(saga, { id: context.id, state }, input, now).steps.map((it) =>
      context.event[STEPPED](it),
    );
  return {
    ...{ name: saga.storedAs, storedAs: saga.storedAs, namespace: undefined, prefix: undefined },
    commands: {
      [INPUT]: { kind: 'upsert', schema: anything, idFor: undefined },
      [ADVANCE]: { kind: 'existing', schema: anything, idFor: undefined },
    },
    codecs: new Map([
      [
        STEPPED,
        {
          type: STEPPED,
          schema: anything,
          version: 1,
          steps: [],
          encode: undefined,
          decode: undefined,
        },
      ],
    ]),
    former: new Map(),
    events: { [STEPPED]: anything },
    errors: {},
    stateSchema: undefined,
    initialState: NEW_SAGA,
    stateVersion: 1,
    snapshot: resolveSnapshotPolicy(undefined),
    services: undefined,
    timers: undefined,
    decide: {
      [INPUT]: (state: SagaState, input: SagaInput, context: Context) =>
        step(state, input, context, context.now.getTime()),
      [ADVANCE](state: SagaState, { upTo }: Advance, context: Context) {
        const timer = nextDue(state);
        if (!timer || timer.due > upTo || isWaiting(state)) return [];
        const { key, generation, due } = timer;
        return step(state, { kind: 'timer', key, generation }, context, due);
      },
    },
    evolve: { [STEPPED]: (state: never, stepped: never) => evolveSaga(state, stepped) },
    isRejection: (_error: unknown): _error is never => false,
    ...{ [AGGREGATE]: true },
  };
}
