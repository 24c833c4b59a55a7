import { fromPromise, type PromiseActorLogic } from 'xstate';

/** What a service may know beside its input. */
export interface ServiceContext {
  /** The same for each attempt: give it to services outside that take an idempotency key. */
  readonly key: string;
  /** Aborted when the result is not wanted any more, or the runtime stops. */
  readonly signal: AbortSignal;
}

/**
 * Declares a service that a machine runs by `effect(name, input)` or `invoke`: a promise, run at least once
 * outside of the transaction, again where it rejects or its process ends. Its input and output are plain
 * JSON. A plain `fromPromise` of xstate does as well, without the key.
 *
 * @example
 * setup({ actors: { charge: service((input: { cents: number }, { key }) => bank.charge(input.cents, key)) } })
 */
export function service<Output, Input extends object = Record<string, never>>(
  run: (input: Input, context: ServiceContext) => Promise<Output>,
): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>((call) => {
    const { key, signal } = call as typeof call & ServiceContext;
    return run(call.input, { key, signal });
  });
}

const PROMISE = String(fromPromise(async () => undefined).transition);

/** Is it made by `fromPromise`? Told by xstate's own code, so that no code of the domain runs. */
export function isService(logic: unknown): logic is PromiseActorLogic<unknown, unknown & {}> {
  const { config, transition } = (logic ?? {}) as { config?: unknown; transition?: unknown };
  return typeof config === 'function' && String(transition) === PROMISE;
}

/** Runs a service once. Rejects as it does. */
export async function runService(
  logic: PromiseActorLogic<unknown, unknown & {}>,
  input: unknown,
  context: ServiceContext,
): Promise<unknown> {
  const run = logic.config as unknown as (call: object) => PromiseLike<unknown>;
  return await run({ input, ...context, emit: () => undefined });
}
