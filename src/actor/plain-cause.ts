import { type PlainError, toPlainError } from '../messages/plain-error.js';

/** What domain code threw, as plain data that certainly can be written as JSON, whatever hangs on it. */
export function plainCause(thrown: unknown): PlainError {
  try {
    const plain = toPlainError(thrown);
    JSON.stringify(plain); // throws for a bigint or a cycle in its details
    return plain;
  } catch {
    return { name: 'Thrown', message: describe(thrown) };
  }
}

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'something that cannot be described';
  }
}
