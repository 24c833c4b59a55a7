import type { NewTimer } from '../aggregate/decider.js';
import type {
  Aggregate,
  AggregateTypes,
  DetailsOf,
  EventOf,
  RejectionOf,
} from '../aggregate/define-aggregate.js';
import { domainShape } from '../aggregate/event-codec.js';
import {
  CommandFailed,
  CommandRefused,
  CommandRejected,
  type RefusalCode,
  type TroupeError,
} from '../messages/errors.js';
import type { EventRow } from '../messages/event.js';
import type { Decided } from './decide-once.js';
import { expectEqual, unexpected } from './expectations.js';

/** The details of a declared error, or of a rejection that every aggregate has. */
export type RejectionDetails<
  Types extends AggregateTypes,
  Code extends string,
> = Code extends keyof Types['errors']
  ? DetailsOf<Types['errors'][Code]>
  : { readonly aggregate: string; readonly id: string };

/** A timer that a decision sets, or the key of one that it takes back. */
export type ExpectedTimer<Types extends AggregateTypes> =
  | NewTimer<Types['commands']>
  | { readonly cancelled: string };

/** What a decided command came to, for assertions of your own. */
export interface DecidedCommand<Types extends AggregateTypes> {
  /** The events it stores, as they are read from the log; none if it was not accepted. */
  readonly events: readonly EventOf<Types>[];
  /** State after them. */
  readonly state: Types['state'];
  /** Version of the stream after them. */
  readonly version: number;
  /** What `send` would throw; undefined if it was accepted. */
  readonly error: TroupeError | undefined;
}

/**
 * What follows from a command. Each `then...` checks one thing and may be followed by others; await the
 * last one. A check that does not hold rejects with an `AssertionError` that carries both sides, so that
 * test runners show the difference.
 */
export class Outcome<Types extends AggregateTypes> implements PromiseLike<DecidedCommand<Types>> {
  private checked: Promise<Decided>;

  constructor(
    /** `account.withdraw`, for messages. */
    private readonly what: string,
    private readonly codecs: Aggregate['codecs'],
    decided: Promise<Decided>,
  ) {
    this.checked = decided;
    this.check(({ impurity }) => {
      if (impurity) unexpected(`${what}: ${impurity}`, { actual: 'impure', expected: 'pure' });
    });
  }

  /** It was accepted with exactly these events, in this order, as they are read from the log. */
  thenEvents(expected: readonly EventOf<Types>[]): this {
    return this.check((decided) => {
      const events = expected.map((event) => this.asRead(event));
      if (decided.error) this.other(decided, 'accepted', events);
      expectEqual(`${this.what}: its events`, this.read(decided), events);
    });
  }

  /** It was accepted and nothing happened. */
  thenNothing(): this {
    return this.thenEvents([]);
  }

  /** The domain rejected it by this code (the short one), and with exactly these details if any are given. */
  thenRejected<Code extends RejectionOf<Types>['shortCode']>(
    code: Code,
    details?: RejectionDetails<Types, Code>,
  ): this {
    return this.check((decided) => {
      const { error } = decided;
      const actual = error instanceof CommandRejected ? error.shortCode : summary(decided);
      if (actual !== code) this.other(decided, `rejected as ${code}`, code);
      if (details !== undefined)
        expectEqual(`${this.what}: details of ${code}`, error?.details, plain(details));
    });
  }

  /** It was refused before it was decided: invalid data, a version that was not expected, and so on. */
  thenRefused(code: RefusalCode): this {
    return this.check((decided) => {
      const { error } = decided;
      if (!(error instanceof CommandRefused) || error.code !== code)
        this.other(decided, `refused as ${code}`, code);
    });
  }

  /** The domain's code failed: decide or evolve threw, or an event does not fit its schema. */
  thenFailed(message?: RegExp): this {
    return this.check((decided) => {
      const { error } = decided;
      if (!(error instanceof CommandFailed)) this.other(decided, 'failed', 'CommandFailed');
      if (message && !message.test(error.message))
        this.other(decided, `failed with ${String(message)}`, message);
    });
  }

  /**
   * It was accepted and does exactly this to timers, in this order: what `schedule` was given, and
   * `{ cancelled: key }` for what `unschedule` takes back. None were armed before.
   */
  thenTimers(expected: readonly ExpectedTimer<Types>[]): this {
    return this.check((decided) => {
      const timers = expected.map((timer) =>
        'cancelled' in timer ? timer : plain({ ...timer, at: new Date(timer.at) }),
      );
      if (decided.error) this.other(decided, 'accepted', timers);
      expectEqual(`${this.what}: its timers`, decided.timers.map(timerIn), timers);
    });
  }

  /** The state is exactly this one, or passes a check of your own, which throws if it does not. */
  thenState(expected: Types['state'] | ((state: Types['state']) => void)): this {
    return this.check((decided) => {
      if (typeof expected === 'function')
        return (expected as (state: unknown) => void)(decided.state);
      expectEqual(`${this.what}: the state`, decided.state, expected);
    });
  }

  // biome-ignore lint/suspicious/noThenProperty: to be awaited is what it is for
  then<Ok = DecidedCommand<Types>, Failed = never>(
    onFulfilled?: ((value: DecidedCommand<Types>) => Ok | PromiseLike<Ok>) | null,
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Ok | Failed> {
    const command = this.checked.then((decided) => ({
      // The schemas of the definition, which these types stand for, have checked them.
      events: this.read(decided) as unknown as readonly EventOf<Types>[],
      state: decided.state as Types['state'],
      version: decided.version,
      error: decided.error,
    }));
    return command.then(onFulfilled, onRejected);
  }

  /** Checks run as soon as they can, awaited or not: one that was forgotten is an unhandled rejection. */
  private check(check: (decided: Decided) => void): this {
    this.checked = this.checked.then((decided) => {
      check(decided);
      return decided;
    });
    return this;
  }

  private read({ rows }: Decided): { type: string; data: unknown }[] {
    return rows.map(({ type, data }) => ({ type, data: domainShape(this.codecs.get(type), data) }));
  }

  /** An expected event as it would be read. One in a shape of its own may hold what JSON cannot carry. */
  private asRead(event: EventOf<Types>): unknown {
    return this.codecs.get(event.type)?.decode ? event : plain(event);
  }

  private other(decided: Decided, expected: string, value: unknown): never {
    const { error } = decided;
    return unexpected(`${this.what}: expected to be ${expected}, but was ${summary(decided)}`, {
      actual: error ? { code: error.code, details: error.details } : this.read(decided),
      expected: value,
      ...(error && { cause: error }),
    });
  }
}

function timerIn({ type, data }: EventRow): unknown {
  const timer = JSON.parse(data) as { readonly key: string };
  return type === 'cancelled' ? { cancelled: timer.key } : timer;
}

function summary({ rows, error }: Decided): string {
  if (error instanceof CommandRejected)
    return `rejected as ${error.shortCode}: ${error.message} ${JSON.stringify(error.details)}`;
  if (error instanceof CommandRefused) return `refused as ${error.code}: ${error.message}`;
  if (error) return `failed: ${error.message}\n${stackOf(error)}`;
  return `accepted with ${rows.length === 0 ? 'no events' : rows.map((row) => row.type).join(', ')}`;
}

/** Where domain code threw. */
function stackOf({ cause }: TroupeError): string {
  const { stack } = (cause ?? {}) as { readonly stack?: string };
  return stack ?? '';
}

/** What is left of a value in the log: no `undefined` properties, no prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
