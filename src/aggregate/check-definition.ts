import { SetupError } from '../messages/errors.js';
import { jsonProblem } from '../internal/json.js';

interface Checked {
  readonly name: unknown;
  readonly commands: object;
  readonly events: object;
  readonly decide: object;
  readonly evolve: object;
  readonly errors?: object | undefined;
  readonly initialState: unknown;
  readonly stateVersion?: unknown;
}

const MAX_NAME_BYTES = 100;

/** Checks at run time what the types say at compile time, for callers without them. */
export function checkDefinition(options: Checked): void {
  checkName(options.name);
  const where = `aggregate ${options.name}`;
  checkRecord(where, 'commands', options.commands, isCommandSpec, 'a Standard Schema, create(schema) or upsert(schema)');
  checkRecord(where, 'events', options.events, isSchema, 'a Standard Schema');
  checkCases(where, 'decide', options.decide, options.commands, isDecider, 'a function or durable(function)');
  checkCases(where, 'evolve', options.evolve, options.events, isFunction, 'a function');
  checkErrors(where, options.errors ?? {});
  const problem = jsonProblem(options.initialState);
  if (problem) throw invalid(where, `initialState${problem.path}`, 'plain JSON', problem.found);
  const stateVersion = options.stateVersion ?? 1;
  if (!Number.isSafeInteger(stateVersion) || (stateVersion as number) < 1) {
    throw invalid(where, 'stateVersion', 'a whole number from 1', String(stateVersion));
  }
}

function checkName(name: unknown): void {
  const fits = typeof name === 'string' && /^[^$\p{Cc}][^\p{Cc}]*$/u.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES;
  if (!fits) {
    throw invalid('an aggregate', 'name', `1 to ${MAX_NAME_BYTES} bytes without control characters or a leading $`, JSON.stringify(name) ?? 'undefined');
  }
}

function checkRecord(where: string, field: string, record: object, fits: (value: unknown) => boolean, expected: string): void {
  for (const [key, value] of Object.entries(record ?? {})) {
    if (key.startsWith('$')) throw invalid(where, `${field}.${key}`, 'a name without a leading $', key);
    if (!fits(value)) throw invalid(where, `${field}.${key}`, expected, typeof value);
  }
}

function checkCases(where: string, field: string, cases: object, declared: object, fits: (value: unknown) => boolean, expected: string): void {
  for (const key of Object.keys(declared)) {
    const value = (cases as Record<string, unknown>)[key];
    if (!Object.hasOwn(cases, key) || !fits(value)) throw invalid(where, `${field}.${key}`, expected, typeof value);
  }
  const extra = Object.keys(cases).find((key) => !Object.hasOwn(declared, key));
  if (extra) throw invalid(where, `${field}.${extra}`, 'a declared name', 'one that is not declared');
}

function checkErrors(where: string, errors: object): void {
  const seen = new Map<number, string>();
  for (const [code, spec] of Object.entries(errors) as [string, { number?: unknown }][]) {
    const number = spec?.number;
    if (!Number.isInteger(number) || (number as number) < 1 || (number as number) > 999) {
      throw invalid(where, `errors.${code}.number`, 'a whole number from 1 to 999', String(number));
    }
    const other = seen.get(number as number);
    if (other) throw invalid(where, `errors.${code}.number`, `a number of its own (${other} has it too)`, String(number));
    seen.set(number as number, code);
  }
}

function invalid(where: string, field: string, expected: string, given: string): SetupError {
  return new SetupError('InvalidDefinition', `${where}: ${field}: expected ${expected}, got ${given}`, { where, field, expected, given });
}

function isSchema(value: unknown): boolean {
  // Some libraries' schemas are functions (arktype), so not only objects count.
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value;
}

function isCommandSpec(value: unknown): boolean {
  return isSchema(value) || (typeof value === 'object' && value !== null && 'schema' in value && isSchema(value.schema));
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isDecider(value: unknown): boolean {
  return isFunction(value) || (typeof value === 'object' && value !== null && 'durable' in value && isFunction(value.durable));
}
