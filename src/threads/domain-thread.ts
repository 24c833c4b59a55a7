import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { SetupError } from '../messages/errors.js';

const IN_DOMAIN_THREAD = Symbol.for('troupe.domainThread');

/** Notes that this thread was started by a runtime to run domain code. */
export function markDomainThread(): void {
  (globalThis as Record<symbol, unknown>)[IN_DOMAIN_THREAD] = true;
}

/** Refuses to start a runtime inside a shard: the domain module would start runtimes without end. */
export function refuseDomainThread(): void {
  if ((globalThis as Record<symbol, unknown>)[IN_DOMAIN_THREAD])
    throw startedInside('startRuntime was called while a shard was importing the domain module');
}

/**
 * Refuses a domain module that is the main file: each shard would run it, and if it awaits
 * `startRuntime`, importing it would wait for itself.
 */
export function refuseMainModule(domain: URL): void {
  const [, main] = process.argv;
  if (main !== undefined && isSameFile(domain, main))
    throw startedInside(`${domain.href} is the main file of this process, and the domain module`);
}

function isSameFile(url: URL, path: string): boolean {
  try {
    return url.href === pathToFileURL(realpathSync(path)).href;
  } catch {
    return false; // started without a file, or from one without its extension
  }
}

function startedInside(what: string): SetupError {
  const advice = 'Move the definitions to a module of their own, and give startRuntime its URL.';
  return new SetupError('StartedInsideDomain', `${what}. ${advice}`);
}
