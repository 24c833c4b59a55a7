import { SetupError } from '../messages/errors.js';

const IN_DOMAIN_THREAD = Symbol.for('troupe.domainThread');

/** Notes that this thread was started by a runtime to run domain code. */
export function markDomainThread(): void {
  (globalThis as Record<symbol, unknown>)[IN_DOMAIN_THREAD] = true;
}

/** Refuses to start a runtime inside a shard: the domain module would start runtimes without end. */
export function refuseDomainThread(): void {
  if (!(globalThis as Record<symbol, unknown>)[IN_DOMAIN_THREAD]) return;
  throw new SetupError(
    'StartedInsideDomain',
    'startRuntime was called while a shard was importing the domain module. Move the definitions to a module of their own, and give startRuntime the URL of that one.',
  );
}
