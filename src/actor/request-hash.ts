import { hash } from 'node:crypto';
import { canonicalJson } from '../internal/json.js';

const HASH_CHARACTERS = 22;

/**
 * Hash of what a command asks for: the first 128 bits of SHA-256 over its type and the canonical JSON of
 * its data. Two bodies with the same key and different hashes are a `KeyReused`.
 */
export function requestHash(type: string, data: unknown): string {
  return hash('sha256', `${type}\0${canonicalJson(data)}`, 'base64url').slice(0, HASH_CHARACTERS);
}
