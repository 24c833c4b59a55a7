import { invalid } from '../aggregate/expectations.js';

const MAX_NAME = 40;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_VERSION = 2 ** 31 - 1;

/** Checks what all readers of the log have: a name that can become that of a table, and a version. */
export function checkNameAndVersion(kind: string, name: unknown, version: unknown): void {
  if (typeof name !== 'string' || name.length > MAX_NAME || !NAME.test(name))
    throw invalid(
      `a ${kind}`,
      'name',
      `small letters and digits, in words joined by -, at most ${MAX_NAME} characters`,
      JSON.stringify(name) ?? typeof name,
    );
  if (Number.isInteger(version) && (version as number) >= 1 && (version as number) <= MAX_VERSION)
    return;
  throw invalid(`${kind} ${name}`, 'version', 'a whole number from 1', String(version));
}
