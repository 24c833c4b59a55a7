import { SetupError } from '../messages/errors.js';

/** What the values of a record must be. */
export interface Expectation {
  readonly expected: string;
  fits(value: unknown): boolean;
}

/** Checks that each value of a record is as expected. Throws `InvalidDefinition`. */
export function checkRecord(
  where: string,
  field: string,
  record: object,
  { expected, fits }: Expectation,
): void {
  if (typeof record !== 'object' || record === null)
    throw invalid(where, field, 'an object', String(record));
  for (const [key, value] of Object.entries(record)) {
    if (key.startsWith('$'))
      throw invalid(where, `${field}.${key}`, 'a name without a leading $', key);
    if (!fits(value)) throw invalid(where, `${field}.${key}`, expected, typeof value);
  }
}

/** The error for a field of a definition. */
export function invalid(where: string, field: string, expected: string, given: string): SetupError {
  return new SetupError(
    'InvalidDefinition',
    `${where}: ${field}: expected ${expected}, got ${given}`,
    { where, field, expected, given },
  );
}

export function isSchema(value: unknown): boolean {
  // Some libraries' schemas are functions (arktype), so not only objects count.
  return (isObject(value) || typeof value === 'function') && '~standard' in (value as object);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
