import { jsonProblem } from '../internal/json.js';
import { SetupError } from '../messages/errors.js';

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
/** The short codes of the rejections that every aggregate has, and what their full codes end with. */
const RESERVED_ERRORS = ['NotFound', 'AlreadyExists', 'NOT_FOUND', 'ALREADY_EXISTS'];

/** Checks at run time what the types say at compile time, for callers without them. */
export function checkDefinition(options: Checked): void {
  checkName(options.name);
  const where = `aggregate ${options.name}`;
  const { commands, events, decide, evolve } = options;
  checkRecord(where, 'commands', commands, COMMAND_SPEC);
  checkRecord(where, 'events', events, SCHEMA);
  checkRecord(where, 'decide', decide, DECIDER);
  checkRecord(where, 'evolve', evolve, FUNCTION);
  checkSameKeys(where, { commands, decide });
  checkSameKeys(where, { events, evolve });
  checkErrors(where, options.errors ?? {});
  checkState(where, options);
}

function checkState(where: string, { initialState, stateVersion = 1 }: Checked): void {
  const problem = jsonProblem(initialState);
  if (problem) throw invalid(where, `initialState${problem.path}`, 'plain JSON', problem.found);
  if (Number.isSafeInteger(stateVersion) && (stateVersion as number) >= 1) return;
  throw invalid(where, 'stateVersion', 'a whole number from 1', String(stateVersion));
}

function checkName(name: unknown): void {
  const fits =
    typeof name === 'string' &&
    /^[^$\p{Cc}][^\p{Cc}]*$/u.test(name) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES;
  if (!fits) {
    throw invalid(
      'an aggregate',
      'name',
      `1 to ${MAX_NAME_BYTES} bytes without control characters or a leading $`,
      JSON.stringify(name) ?? 'undefined',
    );
  }
}

/** What the values of a record must be. */
interface Expectation {
  readonly expected: string;
  fits(value: unknown): boolean;
}

function checkRecord(
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

/** Each declared name has its case, and each case is declared. */
function checkSameKeys(where: string, pair: Readonly<Record<string, object>>): void {
  const [[declared, names], [cases, functions]] = Object.entries(pair) as [
    [string, object],
    [string, object],
  ];
  const missing = Object.keys(names).find((key) => !Object.hasOwn(functions, key));
  if (missing)
    throw invalid(where, `${cases}.${missing}`, `a case for each of ${declared}`, 'none');
  const extra = Object.keys(functions).find((key) => !Object.hasOwn(names, key));
  if (extra)
    throw invalid(where, `${cases}.${extra}`, `a name declared in ${declared}`, 'one that is not');
}

function checkErrors(where: string, errors: object): void {
  const seen = new Map<number, string>();
  for (const [code, spec] of Object.entries(errors) as [string, { number?: unknown }][]) {
    if (RESERVED_ERRORS.includes(code))
      throw invalid(where, `errors.${code}`, 'a name that no built-in rejection has', code);
    const number = spec?.number;
    if (!Number.isInteger(number) || (number as number) < 1 || (number as number) > 999) {
      throw invalid(where, `errors.${code}.number`, 'a whole number from 1 to 999', String(number));
    }
    const other = seen.get(number as number);
    if (other)
      throw invalid(
        where,
        `errors.${code}.number`,
        `a number of its own (${other} has it too)`,
        String(number),
      );
    seen.set(number as number, code);
  }
}

function invalid(where: string, field: string, expected: string, given: string): SetupError {
  return new SetupError(
    'InvalidDefinition',
    `${where}: ${field}: expected ${expected}, got ${given}`,
    { where, field, expected, given },
  );
}

function isSchema(value: unknown): boolean {
  // Some libraries' schemas are functions (arktype), so not only objects count.
  return (isObject(value) || typeof value === 'function') && '~standard' in (value as object);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const SCHEMA: Expectation = { expected: 'a Standard Schema', fits: isSchema };
const FUNCTION: Expectation = {
  expected: 'a function',
  fits: (value) => typeof value === 'function',
};
const COMMAND_SPEC: Expectation = {
  expected: 'a Standard Schema, create(schema) or upsert(schema)',
  fits: (value) =>
    isSchema(value) || (isObject(value) && 'schema' in value && isSchema(value.schema)),
};
const DECIDER: Expectation = {
  expected: 'a function or { durable: function }',
  fits: (value) =>
    typeof value === 'function' ||
    (isObject(value) && 'durable' in value && typeof value.durable === 'function'),
};
