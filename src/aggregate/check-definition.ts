import { jsonProblem } from '../internal/json.js';
import { checkEvents } from './check-events.js';
import { checkRecord, type Expectation, invalid, isObject, isSchema } from './expectations.js';

interface Checked {
  readonly name: unknown;
  readonly commands: object;
  readonly events: object;
  readonly decide: object;
  readonly evolve: object;
  readonly errors?: object | undefined;
  readonly initialState: unknown;
  readonly stateVersion?: unknown;
  readonly retired?: object | undefined;
  readonly storedAs?: unknown;
  readonly namespace?: unknown;
  readonly timers?: unknown;
}

interface DeclaredError {
  readonly number?: unknown;
  readonly status?: unknown;
}

const MAX_NAME_BYTES = 100;
/** The short codes of the rejections that every aggregate has, and what their full codes end with. */
const RESERVED_ERRORS = ['NotFound', 'AlreadyExists', 'NOT_FOUND', 'ALREADY_EXISTS'];

/** Checks at run time what the types say at compile time, for callers without them. */
export function checkDefinition(options: Checked): void {
  checkName('name', options.name);
  checkName('storedAs', options.storedAs ?? options.name);
  const where = `aggregate ${options.name}`;
  const { commands, events, decide, evolve } = options;
  checkRecord(where, 'commands', commands, COMMAND_SPEC);
  checkEvents(where, events, options.retired);
  checkRecord(where, 'decide', decide, DECIDER);
  checkRecord(where, 'evolve', evolve, FUNCTION);
  checkSameKeys(where, { commands, decide });
  checkSameKeys(where, { events, evolve });
  checkErrors(where, options.errors ?? {});
  checkState(where, options);
  checkNamespace(where, options.namespace);
  const { timers } = options;
  if (timers !== undefined && typeof timers !== 'boolean')
    throw invalid(where, 'timers', 'true or false', JSON.stringify(timers) ?? typeof timers);
}

function checkState(where: string, { initialState, stateVersion = 1 }: Checked): void {
  const problem = jsonProblem(initialState);
  if (problem) throw invalid(where, `initialState${problem.path}`, 'plain JSON', problem.found);
  if (Number.isSafeInteger(stateVersion) && (stateVersion as number) >= 1) return;
  throw invalid(where, 'stateVersion', 'a whole number from 1', String(stateVersion));
}

/** It becomes the source of CloudEvents, which is a URI reference. */
function checkNamespace(where: string, namespace: unknown): void {
  if (namespace === undefined) return;
  if (typeof namespace === 'string' && /^[!-~]+$/.test(namespace)) return;
  const given = JSON.stringify(namespace) ?? typeof namespace;
  throw invalid(where, 'namespace', 'a URI reference, as https://example.org/accounts', given);
}

function checkName(field: string, name: unknown): void {
  const fits =
    typeof name === 'string' &&
    /^[^$\p{Cc}][^\p{Cc}]*$/u.test(name) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES;
  if (!fits) {
    throw invalid(
      'an aggregate',
      field,
      `1 to ${MAX_NAME_BYTES} bytes without control characters or a leading $`,
      JSON.stringify(name) ?? 'undefined',
    );
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
  for (const [code, spec] of Object.entries(errors) as [string, DeclaredError][]) {
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
    checkStatus(`${where}: errors.${code}`, spec?.status ?? 400);
  }
}

/** It becomes the status of an HTTP answer. */
function checkStatus(where: string, status: unknown): void {
  if (Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599) return;
  throw invalid(where, 'status', 'an HTTP status from 400 to 599', String(status));
}

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
