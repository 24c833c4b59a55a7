import { hash } from 'node:crypto';
import { canonicalJson, isCanonical } from '../internal/json.js';

const HASH_CHARACTERS = 22;

/**
 * Hash of what a command asks for: the first 128 bits of SHA-256 over its type and the canonical JSON of
 * its data. Two bodies with the same key and different hashes are a `KeyReused`. `text` is the JSON that
 * `JSON.stringify` made and that `data` was parsed from.
 */
export function requestHash(type: string, data: unknown, text: string): string {
  const canonical = isCanonical(data) ? text : canonicalJson(data);
  return hash('sha256', `${type}\0${canonical}`, 'base64url').slice(0, HASH_CHARACTERS);
}
