import { type AggregateClient, MemoryLog, startRuntime } from 'troupe';
import * as domain from '../../../../examples/loans/domain.js';
import { type LoanCase, readLoanCases } from '../../../../examples/loans/loan-case.js';
import type { LoanClient } from '../../../../examples/loans/replay/loan-client.js';
import { sampleFile } from '../../../../examples/loans/replay/options.js';

type TrySend = LoanClient['trySend'];

/** A runtime for loan applications that lives in this process, on `log`. */
export function startInMemory(log = new MemoryLog()) {
  return startRuntime({ domain, store: { kind: 'memory', log }, shards: 0 });
}

/** Types and versions of the events of one application. */
export async function storedTypes(loans: AggregateClient<never> | LoanClient, id: string) {
  const types: string[] = [];
  for await (const { type } of loans.events(id)) types.push(type);
  return types;
}

/**
 * A client in front of the real one. `obstacle` may throw before a command is sent (then it never
 * reaches the actor), or after it was executed.
 */
export class ObstructedClient {
  sends = 0;
  underWay = 0;
  mostUnderWay = 0;

  constructor(
    private readonly client: LoanClient,
    private readonly obstacles: {
      before?(send: number): void | Promise<void>;
      after?(send: number): void;
    } = {},
  ) {}

  readonly trySend: TrySend = async (...args) => {
    const send = ++this.sends;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      // Not awaited unless it is a promise, so that commands arrive in the order in which they are sent.
      const hindrance = this.obstacles.before?.(send);
      if (hindrance) await hindrance;
      const result = await this.client.trySend(...args);
      this.obstacles.after?.(send);
      return result;
    } finally {
      this.underWay--;
    }
  };
}

/** The cases of the sample. */
export async function sampleCases(): Promise<LoanCase[]> {
  const cases: LoanCase[] = [];
  for await (const each of readLoanCases(sampleFile)) cases.push(each);
  return cases;
}
