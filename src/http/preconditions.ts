import type { ExpectedVersion } from '../messages/command.js';
import type { Call } from './call.js';
import { badRequest } from './http-error.js';

/** The entity tag of a stream at a version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Does the request have preconditions? Then a conflict is answered 412, not 409. */
export function isConditional(call: Call): boolean {
  return call.header('if-match') !== undefined || call.header('if-none-match') !== undefined;
}

/**
 * The version that a command expects: `If-Match` with an entity tag, or `*` for a stream that exists;
 * `If-None-Match: *` for one that does not; or `?expectedVersion=`. Throws 400.
 */
export function expectedVersion(call: Call): ExpectedVersion | undefined {
  const match = call.header('if-match');
  if (match !== undefined) return match === '*' ? 'exists' : versionOf(match);
  const noneMatch = call.header('if-none-match');
  if (noneMatch !== undefined && noneMatch !== '*')
    throw badRequest(
      'InvalidHeader',
      `Header if-none-match of a command: expected *, got ${noneMatch}`,
    );
  return noneMatch === undefined ? fromQuery(call) : 'none';
}

/** Is what the client has of a state still true? */
export function isNotModified(call: Call, version: number): boolean {
  const given = call.header('if-none-match');
  if (given === undefined) return false;
  const tags = given.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etagOf(version));
}

/** Weak tags never match here: RFC 9110 compares strongly. */
function versionOf(tag: string): number {
  const [, digits] = /^"(\d{1,15})"$/.exec(tag) ?? [];
  if (digits !== undefined) return Number(digits);
  throw badRequest('InvalidHeader', `Header if-match: expected * or "version", got ${tag}`);
}

function fromQuery(call: Call): ExpectedVersion | undefined {
  if (!call.hasQuery) return undefined;
  const given = call.query.get('expectedVersion');
  if (given === null) return undefined;
  if (given === 'none' || given === 'exists') return given;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw badRequest(
    'InvalidQuery',
    `expectedVersion: expected a version, none or exists, got ${JSON.stringify(given)}`,
  );
}
