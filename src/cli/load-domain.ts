import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Domain, readDomain } from '../aggregate/domain.js';
import { SetupError } from '../messages/errors.js';
import { markDomainThread } from '../threads/domain-thread.js';
import { resolveModule, typescriptLoader } from '../threads/entry.js';

/** Imports a domain module as a shard's thread does; a `.ts` file through the tsx beside it. */
export async function loadDomain(file: string): Promise<Domain> {
  const url = resolveModule(pathToFileURL(file));
  if (!existsSync(url))
    throw new SetupError('DomainNotLoaded', `The domain module ${file} does not exist`, { file });
  markDomainThread();
  if (url.pathname.endsWith('.ts')) await import(typescriptLoader(url));
  return readDomain((await import(url.href)) as object, file);
}
