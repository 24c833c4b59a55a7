import { type EventDeclaration, isSplit } from './event-spec.js';
import { checkRecord, type Expectation, invalid, isObject, isSchema } from './expectations.js';

const MAX_SCHEMA_VERSION = 2 ** 31 - 1;

/** Checks what is declared of events, now and formerly. */
export function checkEvents(where: string, events: object, retired: unknown = {}): void {
  checkRecord(where, 'events', events, EVENT_SPEC);
  checkRecord(where, 'retired', retired as object, RETIRED);
  for (const [type, spec] of Object.entries(events) as [string, EventDeclaration][])
    if (!isSchema(spec)) checkDeclaration(where, `events.${type}`, spec);
  checkNames(where, events, retired as object);
}

function checkDeclaration(where: string, field: string, spec: EventDeclaration): void {
  const { version, upcast, encode, decode, formerly } = spec;
  if (!Number.isInteger(version) || version < 1 || version > MAX_SCHEMA_VERSION)
    throw invalid(where, `${field}.version`, 'a whole number from 1', String(version));
  checkRecord(where, `${field}.upcast`, upcast, UPCAST);
  checkChain(where, `${field}.upcast`, Object.keys(upcast), version);
  checkPair(where, field, { encode, decode });
  if (Array.isArray(formerly) && formerly.every((name) => typeof name === 'string' && name !== ''))
    return;
  throw invalid(where, `${field}.formerly`, 'a list of names', JSON.stringify(formerly));
}

/** Each older version has its step, and there is no other. */
function checkChain(where: string, field: string, keys: readonly string[], version: number): void {
  // Counts up to what is declared, so that a mistyped version of a billion costs nothing.
  for (let from = 1; from < version; from++) {
    if (!keys.includes(String(from)))
      throw invalid(where, `${field}.${from}`, `a step from ${from} to ${from + 1}`, 'none');
  }
  const extra = keys.find((key) => !(/^[1-9]\d*$/.test(key) && Number(key) < version));
  if (extra === undefined) return;
  const expected = version === 1 ? 'no steps, as the version is 1' : `steps 1 to ${version - 1}`;
  throw invalid(where, field, expected, `a step ${extra}`);
}

function checkPair(where: string, field: string, pair: { encode: unknown; decode: unknown }): void {
  for (const [name, value] of Object.entries(pair)) {
    if (value !== undefined && typeof value !== 'function')
      throw invalid(where, `${field}.${name}`, 'a function', typeof value);
  }
  if ((pair.encode === undefined) === (pair.decode === undefined)) return;
  const [given, missing] = pair.encode ? ['encode', 'decode'] : ['decode', 'encode'];
  throw invalid(where, `${field}.${missing}`, `a function, as ${given} is given`, 'none');
}

/** A name in the log can mean one thing only. */
function checkNames(where: string, events: object, retired: object): void {
  const claims = new Map(Object.keys(events).map((type) => [type, `events.${type}`]));
  const claim = (name: string, field: string): void => {
    const other = claims.get(name);
    if (other !== undefined)
      throw invalid(where, field, `a name of its own (${other} claims it too)`, name);
    claims.set(name, field);
  };
  for (const name of Object.keys(retired)) claim(name, `retired.${name}`);
  for (const [type, spec] of Object.entries(events) as [string, EventDeclaration][]) {
    if (isSchema(spec)) continue;
    for (const name of spec.formerly) claim(name, `events.${type}.formerly`);
  }
}

const EVENT_SPEC: Expectation = {
  expected: 'a Standard Schema or event({ schema, ... })',
  fits: (value) =>
    isSchema(value) ||
    (isObject(value) &&
      'kind' in value &&
      value.kind === 'event' &&
      isSchema((value as EventDeclaration).schema)),
};
const RETIRED: Expectation = { expected: 'drop or split(...)', fits: isSplit };
const UPCAST: Expectation = {
  expected: 'a function, drop or split(...)',
  fits: (value) => typeof value === 'function' || isSplit(value),
};
