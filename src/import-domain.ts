import { existsSync } from 'node:fs';
import { type Domain, readDomain } from './aggregate/domain.js';
import { SetupError } from './messages/errors.js';
import type { ResolvedRuntime } from './runtime-options.js';
import { refuseMainModule } from './threads/domain-thread.js';
import { resolveModule } from './threads/entry.js';

/**
 * The threads count consumers in the order of the module's exports. That of a namespace is by name; loaders
 * that stand in for Node's have others.
 */
function inOrder(module: object): object {
  return Object.fromEntries(
    Object.keys(module)
      .sort()
      .map((name) => [name, (module as Record<string, unknown>)[name]]),
  );
}

/** Imports the module of the domain, or takes the one that was given. Throws `SetupError` for what does not fit. */
export async function importDomain({
  domain,
  shards,
}: ResolvedRuntime): Promise<{ domain: Domain; url: URL | undefined }> {
  if (!(domain instanceof URL)) return { domain: readDomain(domain, 'the domain'), url: undefined };
  const url = resolveModule(domain);
  if (shards > 0) refuseMainModule(url);
  try {
    return { domain: readDomain(inOrder((await import(url.href)) as object), url.href), url };
  } catch (error) {
    if (error instanceof SetupError) throw error;
    if (url.protocol === 'file:' && !existsSync(url)) throw missing(domain, url, error);
    throw new SetupError(
      'DomainNotLoaded',
      `The domain module ${url.href} cannot be imported: ${String(error)}`,
      { url: url.href },
      error,
    );
  }
}

/** Loaders may find what is not there, so this is known only once they have failed. */
function missing(given: URL, built: URL, cause: unknown): SetupError {
  const beside = built.href === given.href ? '' : `, and neither does ${built.href}`;
  const message = `The domain module ${given.href} does not exist${beside}`;
  return new SetupError('DomainNotLoaded', message, { url: given.href }, cause);
}
