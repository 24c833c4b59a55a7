import type { PlainError } from '../messages/plain-error.js';
import { evolveSaga } from '../saga/evolve-saga.js';
import { routeEvent } from '../saga/route-event.js';
import type { Saga } from '../saga/saga.js';
import type { CommandFate, MachineEvent, SagaInput } from '../saga/saga-input.js';
import { NEW_SAGA, nextDue, type SagaState } from '../saga/saga-state.js';
import { stepSaga } from '../saga/step-saga.js';
import type { Stepped } from '../saga/stepped.js';
import { expectEqual } from './expectations.js';
import { feedOf } from './feed.js';
import type { HandlerCommand } from './given-handler.js';

/** What a test tells of what happens, one of these fields at a time. */
interface Happening {
  readonly type?: string;
  readonly stored?: object;
  readonly occurredAt?: Date | number | string;
  readonly after?: number;
  readonly outcome?: string;
  readonly id?: string;
  readonly shortCode?: string;
  readonly details?: object;
  readonly effect?: string;
  readonly output?: unknown;
  readonly error?: PlainError;
  readonly send?: MachineEvent;
  readonly cancel?: boolean;
  readonly retry?: 'again' | 'skip' | 'rerun';
}

const NOON = Date.UTC(2024, 1, 29, 12);

/** One instance of a saga, the events it was told, and its time. */
export class SagaScene {
  state: SagaState = NEW_SAGA;
  #last: readonly Stepped[] = [];
  #now = NOON;
  #told: readonly object[] = [];

  constructor(
    private readonly saga: Saga,
    private id: string | undefined,
  ) {}

  get name(): string {
    return this.saga.name;
  }

  /** Sent in the last happening. */
  get commands(): readonly HandlerCommand[] {
    return this.#last
      .flatMap(({ commands }) => commands)
      .map(({ aggregate, id, type, data }) => ({ aggregate, id, command: { type, data } }));
  }

  /** Begun in the last happening. */
  get effects(): readonly object[] {
    return this.#last
      .flatMap(({ effects }) => effects)
      .map(({ service, input }) => ({ service, ...(input !== undefined && { input }) }));
  }

  /** Milliseconds until each is due. */
  get timers(): readonly number[] {
    const timers = Object.values(this.state.timers);
    return timers.map(({ due }) => due - this.#now).sort((a, b) => a - b);
  }

  give(events: readonly object[]): void {
    const all = events.flatMap((event) => this.#happen(event as Happening));
    this.#last = all;
  }

  happen(what: object): void {
    this.#last = this.#happen(what as Happening);
  }

  #happen(what: Happening): readonly Stepped[] {
    if (what.after !== undefined) return this.#passTo(this.#now + what.after);
    if (what.outcome !== undefined) return this.#step(this.#outcome(what.outcome, what));
    if (what.effect !== undefined) return this.#step(this.#result(what.effect, what));
    if (what.send) return this.#step({ kind: 'sent', event: what.send });
    if (what.cancel !== undefined) return this.#step({ kind: 'cancel', compensate: what.cancel });
    if (what.retry) return this.#step({ kind: 'retry', how: what.retry });
    return this.#hear(what);
  }

  /** Timers that become due fire first. */
  #hear(what: Happening): readonly Stepped[] {
    const first = this.#told.length === 0;
    const usual = first ? NOON : this.#now + 1000;
    const at = new Date(what.occurredAt ?? usual).getTime();
    const fired = this.#passTo(first ? at : Math.max(at, this.#now));
    if (first) this.#now = at;
    this.#told = [...this.#told, { ...what, occurredAt: at }];
    const fed = feedOf(this.saga.listening, this.#told).filter(
      ({ position }) => position === this.#told.length,
    );
    return [...fired, ...fed.flatMap((event) => this.#routed(event))];
  }

  #routed(event: Parameters<typeof routeEvent>[1]): readonly Stepped[] {
    const routed = routeEvent(this.saga, event);
    expectEqual(
      `saga ${this.name}: what it makes of ${event.eventId} when asked again`,
      routeEvent(this.saga, event),
      routed,
    );
    this.id ??= routed?.id;
    return routed && routed.id === this.id ? this.#step(routed.input) : [];
  }

  #passTo(at: number): readonly Stepped[] {
    const steps: Stepped[] = [];
    for (let next = nextDue(this.state); next && next.due <= at; next = nextDue(this.state)) {
      this.#now = Math.max(this.#now, next.due);
      const { key, generation } = next;
      steps.push(...this.#step({ kind: 'timer', key, generation }));
    }
    this.#now = at;
    return steps;
  }

  #outcome(outcome: string, { id, ...told }: Happening): SagaInput {
    const [aggregate, type, kind] = outcome.split('.');
    const waiting = Object.values(this.state.commands);
    const command = waiting.find(
      (one) => one.aggregate === aggregate && one.type === type && (id ?? one.id) === one.id,
    );
    if (command) return { kind: 'outcome', key: command.key, outcome: fateOf(kind, told) };
    const names = waiting.map((one) => `${one.aggregate}.${one.type} to ${one.id}`);
    throw new TypeError(
      `saga ${this.name}: ${outcome}: no such command waits for its outcome; there are: ${names.join(', ') || 'none'}`,
    );
  }

  #result(service: string, { output, error }: Happening): SagaInput {
    const waiting = Object.values(this.state.effects);
    const effect = waiting.find((one) => one.service === service);
    if (!effect)
      throw new TypeError(
        `saga ${this.name}: no effect ${service} is running; there are: ${waiting.map((one) => one.service).join(', ') || 'none'}`,
      );
    const result = error ? { ok: false as const, error } : { ok: true as const, output };
    return { kind: 'effect', key: effect.key, result };
  }

  /** As the runtime does: what is stored has been JSON, and so has the state. */
  #step(input: SagaInput): readonly Stepped[] {
    const { saga, id = 'id-1' } = this;
    const { steps, state } = stepSaga(saga, { id, state: this.state }, input, this.#now);
    const again = stepSaga(saga, { id, state: asRead(this.state) }, asRead(input), this.#now);
    const what = `saga ${saga.name}: the step for ${JSON.stringify(input)} when it is taken again (its functions must be pure)`;
    expectEqual(what, asRead(again.steps), asRead(steps));
    this.state = asRead(steps).reduce(evolveSaga, this.state);
    expectEqual(`saga ${saga.name}: its state when it is read again`, this.state, asRead(state));
    return steps;
  }
}

function asRead<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function fateOf(
  kind: string | undefined,
  { shortCode = '', details = {} }: Happening,
): CommandFate {
  if (kind === 'accepted') return { kind, version: 1 };
  if (kind === 'failed') return { kind, error: { name: 'Error', message: 'a bug in the decider' } };
  const rejection = { code: shortCode, shortCode, number: 0, status: 400, message: shortCode };
  return { kind: 'rejected', rejection: { ...rejection, details } };
}
