import type { Ask } from '../dispatcher/ask.js';
import type { Consumer, ConsumerContext } from '../dispatcher/subscription.js';
import { KnownInstances } from './known-instances.js';
import type { Saga } from './saga.js';
import { sagaEffects } from './saga-effects.js';
import { sagaRelay } from './saga-relay.js';
import { sagaRouter } from './saga-router.js';

/** What sagas become consumers in. */
export interface SagaContext extends ConsumerContext {
  readonly ask: Ask;
}

/** What a saga becomes in the processor: who routes events to it, who sends its commands, who runs its effects. */
export function sagaConsumers(saga: Saga, ask: Ask): readonly Consumer[] {
  const known = new KnownInstances();
  return [sagaRouter(saga, ask, known), sagaRelay(saga, ask, known), sagaEffects(saga, ask)];
}
