import type { Ask } from '../dispatcher/ask.js';
import type { Consumer, ConsumerContext } from '../dispatcher/subscription.js';
import { KnownInstances } from './known-instances.js';
import { hasServices } from './machine-states.js';
import type { Saga } from './saga.js';
import { sagaEffects } from './saga-effects.js';
import { SagaMeter } from './saga-meter.js';
import { sagaRelay } from './saga-relay.js';
import { sagaRouter } from './saga-router.js';

/** What sagas become consumers in. */
export interface SagaContext extends ConsumerContext {
  readonly ask: Ask;
}

/** Nobody reads its steps for effects where none of its machines has a service. */
export function runsEffects({ machines }: Pick<Saga, 'machines'>): boolean {
  return [...machines.values()].some(hasServices);
}

/** What a saga becomes in the processor: who routes events to it, who sends its commands, who runs its effects. */
export function sagaConsumers(saga: Saga, ask: Ask): readonly Consumer[] {
  const [known, meter] = [new KnownInstances(), new SagaMeter(saga)];
  const effects = runsEffects(saga) ? [sagaEffects(saga, ask)] : [];
  return [sagaRouter(saga, ask, known, meter), sagaRelay(saga, ask, known, meter), ...effects];
}
