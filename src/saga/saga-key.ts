import { createHash } from 'node:crypto';

/** Keys take 255 bytes at most, and ids alone may take 512. */
const MAX_KEY_BYTES = 255;

/** A key that fits: this text, or, where that is too long, its SHA-256. */
export function fittingKey(text: string): string {
  if (text.length * 3 <= MAX_KEY_BYTES || Buffer.byteLength(text) <= MAX_KEY_BYTES) return text;
  return createHash('sha256').update(text).digest('base64url');
}
