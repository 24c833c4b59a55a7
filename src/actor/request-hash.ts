import { createHash } from 'node:crypto';
import { canonicalJson } from '../internal/json.js';

const HASH_CHARACTERS = 22;

/**
 * Hash of what a command asks for: the first 128 bits of SHA-256 over its type and the canonical JSON of
 * its data. Two bodies with the same key and different hashes are a `KeyReused`.
 */
export function requestHash(type: string, dataJson: string): string {
  const canonical = `${type}\0${canonicalJson(JSON.parse(dataJson))}`;
  return createHash('sha256').update(canonical).digest('base64url').slice(0, HASH_CHARACTERS);
}
