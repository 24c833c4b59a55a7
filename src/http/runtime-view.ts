import type { Runtime } from '../runtime.js';

/** What of a runtime is asked over HTTP. */
export type RuntimeView = Pick<
  Runtime,
  | 'aggregate'
  | 'command'
  | 'definitions'
  | 'events'
  | 'metrics'
  | 'outcome'
  | 'ownership'
  | 'view'
  | 'waitFor'
>;
