import type { PlainError } from '../messages/plain-error.js';
import type { Saga, SagaTypes } from '../saga/saga.js';
import type { SagaStatus } from '../saga/saga-state.js';
import { expectEqual, unexpected } from './expectations.js';
import type { GivenFor } from './feed.js';
import type { HandlerCommand } from './given-handler.js';
import { SagaScene } from './saga-scene.js';

/** What became of a command or an effect of the machine, as a test tells it. */
export type OutcomeGiven<Event> = Event extends { readonly type: infer Type extends string }
  ? Type extends `${string}.${string}.accepted` | `${string}.${string}.failed`
    ? { readonly outcome: Type; readonly id?: string }
    : Type extends `${string}.${string}.rejected`
      ? {
          readonly outcome: Type;
          readonly id?: string;
          readonly shortCode: Event extends { readonly shortCode: infer Code } ? Code : string;
          readonly details?: Event extends { readonly details: infer Details } ? Details : object;
        }
      : never
  : never;

/** What happens to a saga's instance in a test. */
export type WhenFor<Types extends SagaTypes> =
  | GivenFor<Types['given']>
  /** Time passes, in milliseconds: timers that become due fire, in due order. */
  | { readonly after: number }
  /** What became of the oldest command of this kind that has no outcome yet, or of the oldest to this `id`. */
  | OutcomeGiven<Types['event']>
  /** The oldest effect of this service that has no result yet is done. */
  | { readonly effect: string; readonly output: unknown }
  /** It failed, after all its attempts. */
  | { readonly effect: string; readonly error: PlainError }
  /** An event sent by hand. */
  | { readonly send: Types['event'] }
  /** An operator cancels the instance, with compensation if true. */
  | { readonly cancel: boolean }
  /** An operator goes on with a parked instance. */
  | { readonly retry: 'again' | 'skip' | 'rerun' };

/** What a saga's instance has done, and how it stands. What is left out is not checked. */
export interface SagaExpectation<Types extends SagaTypes> {
  /** Exactly the commands sent by the last `when` (or by what was given), in this order. */
  readonly commands?: readonly HandlerCommand[];
  /** Exactly the effects begun by the last `when`, in this order. */
  readonly effects?: readonly { readonly service: string; readonly input?: unknown }[];
  /** In which states its machine is: a name, or nested names. */
  readonly state?: unknown;
  /** The machine's context, or a check of your own. */
  readonly context?: Types['context'] | ((context: Types['context']) => void);
  /** Milliseconds until each armed timer is due, in due order. */
  readonly timers?: readonly number[];
  /** Default: any but `parked`. */
  readonly status?: SagaStatus;
  /** Code of the error with which it is parked. */
  readonly parkedBy?: string;
  readonly output?: Types['output'];
}

/** A saga's instance to which events were given. */
export class GivenSaga<Types extends SagaTypes> {
  constructor(private readonly scene: SagaScene) {}

  /** Something happens. Each step is taken twice; if the second gives anything else, the test fails. */
  when(happens: WhenFor<Types>): this {
    this.scene.happen(happens as object);
    return this;
  }

  /** It has done this, and stands so. */
  thenHas(expected: SagaExpectation<Types>): this {
    const { scene } = this;
    const { state } = scene;
    this.#checkStatus(expected);
    const found: Record<string, unknown> = {
      commands: scene.commands,
      effects: scene.effects,
      state: state.snapshot?.value,
      timers: scene.timers,
      output: state.output,
    };
    for (const [field, actual] of Object.entries(found)) {
      const value = expected[field as keyof SagaExpectation<Types>];
      if (value !== undefined) expectEqual(`saga ${scene.name}: ${field}`, actual, value);
    }
    this.#checkContext(expected.context);
    return this;
  }

  #checkStatus({ status, parkedBy }: SagaExpectation<Types>): void {
    const { name, state } = this.scene;
    const { error } = state;
    const isUnexpected = error && status !== 'parked' && parkedBy === undefined;
    if (isUnexpected)
      unexpected(`saga ${name}: it is parked: ${error.message}`, {
        actual: error,
        expected: undefined,
      });
    if (status !== undefined) expectEqual(`saga ${name}: status`, state.status, status);
    if (parkedBy !== undefined) expectEqual(`saga ${name}: parkedBy`, error?.code, parkedBy);
  }

  #checkContext(expected: SagaExpectation<Types>['context']): void {
    const { name, state } = this.scene;
    const context = state.snapshot?.context;
    if (typeof expected === 'function') (expected as (context: unknown) => void)(context);
    else if (expected !== undefined) expectEqual(`saga ${name}: context`, context, expected);
  }
}

/** What surrounds an instance in a test. */
export interface GivenSagaOptions {
  /** Id of the instance. Default: that of the first event. */
  readonly id?: string;
}

/**
 * Hands domain events to one instance of a saga as the runtime does: each is read as from the log, routed,
 * and steps go through JSON. Each step is taken twice; if the second gives anything else, a function of the
 * machine is not pure, and the test fails. Nothing is sent.
 *
 * @example
 * givenSaga(moneyTransfer, [requested])
 *   .when({ after: 60 * 60 * 1000 })
 *   .thenHas({ state: 'expired'', commands: [], timers: [] });
 */
export function givenSaga<Types extends SagaTypes>(
  saga: Saga<Types>,
  events: readonly GivenFor<NoInfer<Types>['given']>[],
  options: GivenSagaOptions = {},
): GivenSaga<Types> {
  // Its types live only in `types`, which is never set.
  const scene = new SagaScene(saga as unknown as Saga, options.id);
  scene.give(events as readonly object[]);
  return new GivenSaga<Types>(scene);
}
