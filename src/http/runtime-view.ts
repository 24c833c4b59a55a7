import type { Runtime } from '../runtime.js';

/** What of a runtime is asked over HTTP. */
export type RuntimeView = Pick<
  Runtime,
  | 'aggregate'
  | 'command'
  | 'correlation'
  | 'definitions'
  | 'events'
  | 'inspect'
  | 'metrics'
  | 'outcome'
  | 'ownership'
  | 'parked'
  | 'pause'
  | 'rebuild'
  | 'resume'
  | 'retryParked'
  | 'saga'
  | 'skipParked'
  | 'subscriptions'
  | 'timers'
  | 'view'
  | 'waitFor'
>;
