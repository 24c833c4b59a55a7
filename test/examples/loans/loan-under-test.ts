import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type LoanCommand, loanApplication } from '../../../examples/loans/loan-application.js';
import { type LoanState, newLoan } from '../../../examples/loans/state.js';

export interface LoanEvent {
  readonly type: string;
  readonly data: unknown;
}

/** What `context.reject` throws here. */
export class Rejected extends Error {
  constructor(
    readonly code: string,
    readonly details: unknown,
  ) {
    super(`${code} ${JSON.stringify(details)}`);
  }
}

type AnyDecider = (state: LoanState, data: unknown, context: object) => readonly LoanEvent[];
type AnyEvolver = (state: LoanState, data: unknown, info: object) => LoanState | undefined;

const context = {
  event: Object.fromEntries(
    Object.keys(loanApplication.events).map((type) => [type, (data: unknown) => ({ type, data })]),
  ),
  reject(code: string, details: unknown): never {
    throw new Rejected(code, details);
  },
};

/** One loan application driven by the pure functions of its definition, as a shard would do it. */
export class LoanUnderTest {
  state: LoanState = structuredClone(newLoan);

  /** Decides and evolves; returns the events. Throws `Rejected` and leaves the state alone if refused. */
  handle(command: LoanCommand): readonly LoanEvent[] {
    const spec = loanApplication.commands[command.type]!;
    // The definition hides its types at run time.
    const decide = loanApplication.decide[command.type] as AnyDecider;
    const events = decide(this.state, checked(spec.schema, command.data), context);
    for (const event of events) this.evolve(event);
    return events;
  }

  evolve({ type, data }: LoanEvent): void {
    const evolve = loanApplication.evolve[type] as unknown as AnyEvolver;
    this.state = evolve(this.state, checked(loanApplication.events[type]!, data), {}) ?? this.state;
  }
}

function checked(schema: StandardSchemaV1, value: unknown): unknown {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise || result.issues) throw new TypeError(JSON.stringify(result));
  return result.value;
}
