import { parseInstant } from './xes/instant.js';
import { readTraces } from './xes/read-traces.js';
import { XesError } from './xes/xes-error.js';
import type { XesEvent, XesTrace } from './xes/xes-trace.js';

/** One case of the log: a loan application with all that happened to it, in file order. */
export interface LoanCase {
  /** The file it was read from. */
  readonly path: string;
  readonly id: string;
  /** AMOUNT_REQ: the amount asked for, in whole euros. */
  readonly amount: number;
  /** REG_DATE as an instant: ISO 8601 in UTC. */
  readonly registeredAt: string;
  readonly events: readonly XesEvent[];
}

/** The cases of a loan log in file order; throws a `XesError` for a file or a case that is not right. */
export async function* readLoanCases(path: string): AsyncGenerator<LoanCase, void, undefined> {
  for await (const trace of readTraces(path)) yield toLoanCase(trace, path);
}

function toLoanCase(trace: XesTrace, path: string): LoanCase {
  return {
    path,
    id: trace.name,
    amount: amountOf(trace, path),
    registeredAt: registrationOf(trace, path),
    events: trace.events,
  };
}

function amountOf(trace: XesTrace, path: string): number {
  const { value, line } = attributeOf(trace, 'AMOUNT_REQ', path);
  const amount = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(amount)) return amount;
  throw new XesError('BAD_AMOUNT', { path, line }, `"${value}" is not an amount in whole euros`);
}

function registrationOf(trace: XesTrace, path: string): string {
  const { value, line } = attributeOf(trace, 'REG_DATE', path);
  const registeredAt = parseInstant(value);
  if (registeredAt !== undefined) return new Date(registeredAt).toISOString();
  throw new XesError('BAD_DATE', { path, line }, `"${value}" is not a date with an offset`);
}

function attributeOf(trace: XesTrace, key: string, path: string) {
  const attribute = trace.attributes.get(key);
  if (attribute) return attribute;
  const place = { path, line: trace.line };
  throw new XesError('MISSING_ATTRIBUTE', place, `case ${trace.name} without ${key}`);
}
