import type { AggregateTypes } from '../aggregate/define-aggregate.js';
import type { AggregateClient } from '../client/aggregate-client.js';
import type { Metadata } from '../messages/command.js';
import { TroupeError } from '../messages/errors.js';
import type { ViewTypes } from '../projection/view.js';
import type { ViewClient } from '../projection/view-client.js';
import type { FindOptions, Where } from '../projection/view-query.js';
import type { Saga, SagaTypes } from './saga.js';
import { INPUT } from './saga-aggregate.js';
import type { MachineEvent, RetryInput, SagaInput } from './saga-input.js';
import type { MachineSnapshot, SagaState } from './saga-state.js';
import type { SagaColumns, SagaListed } from './saga-view.js';
import type { Stepped } from './stepped.js';

/** An instance of a saga from inside. */
export interface SagaInstanceState<Types extends SagaTypes = SagaTypes>
  extends Omit<SagaState, 'snapshot' | 'output'> {
  readonly id: string;
  /** In which states its machine is: a name, or nested names by region. */
  readonly value: unknown;
  readonly context: Types['context'];
  /** Of a machine that is done. */
  readonly output: Types['output'] | undefined;
}

/** One step of an instance's history, with what it caused. */
export interface SagaStep extends Stepped {
  readonly id: string;
  /** Its event in the log. */
  readonly eventId: string;
  readonly position: number;
  readonly recordedAt: Date;
}

/** An instance in a list. */
export interface SagaItem extends Omit<SagaListed, 'snapshot'> {
  readonly id: string;
  readonly value: unknown;
}

/** Which instances are listed, and in what order. */
export interface SagaQuery {
  readonly where?: Where<SagaColumns>;
  readonly orderBy?: Partial<Record<keyof SagaColumns, 'asc' | 'desc'>>;
  /** 1 to 1 000. Default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** How long something is waited for. */
export interface SagaWaitOptions {
  /** Milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
}

/** Options of what an operator does by hand. */
export interface ByHandOptions {
  /** The same input with the same key happens once. */
  readonly idempotencyKey?: string;
  /** Stored with the step: who, and why. */
  readonly metadata?: Metadata;
}

/** What a saga's client works with. */
export interface SagaSetup {
  readonly instances: AggregateClient<AggregateTypes>;
  readonly view: ViewClient<ViewTypes>;
  /** Resolves when the log has grown, or after a time; false when it will not any more. */
  grown(ms: number): Promise<boolean>;
}

const TIMEOUT_MS = 30_000;
const LOOK_MS = 500;
/** Between two looks at an instance while the log is busy. */
const REST_MS = 5;

/** The instances of one saga: how they stand, and what an operator may do. */
export class SagaClient<Types extends SagaTypes> {
  constructor(
    private readonly saga: Saga,
    private readonly setup: SagaSetup,
  ) {}

  /**
   * A page of instances, a moment behind the log.
   *
   * @example
   * const { items, next } = await runtime.saga(transfers).list({ where: { status: 'parked' } });
   */
  async list(
    query: SagaQuery = {},
  ): Promise<{ readonly items: readonly SagaItem[]; readonly next: string | undefined }> {
    const { items, next } = await this.setup.view.find(query as FindOptions<unknown> as never);
    return { items: items.map(({ key, document }) => itemOf(key, document as SagaListed)), next };
  }

  /** Number of instances that pass all conditions, a moment behind the log. */
  count(where: SagaQuery['where'] = {}): Promise<number> {
    return this.setup.view.count(where as never);
  }

  /** An instance as it stands now, or `undefined` if there is none. */
  async get(id: string): Promise<SagaInstanceState<Types> | undefined> {
    const at = await this.setup.instances.state(id);
    return at && stateOf<Types>(id, at.state as SagaState);
  }

  /** Every step of an instance, or those after one, the first one first, one page in memory at a time. */
  async *history(
    id: string,
    { after = 0 }: { readonly after?: number } = {},
  ): AsyncGenerator<SagaStep, void> {
    for await (const event of this.setup.instances.events(id, { after })) {
      const { data, eventId, position, recordedAt } = event as typeof event & {
        readonly data: unknown;
      };
      yield { ...(data as Stepped), id, eventId, position, recordedAt };
    }
  }

  /**
   * Sends an event to the machine of an instance, by hand. Rejects with `SagaNotFound` if there is no such
   * instance; one that does not react to it, or has ended, counts it.
   */
  async send(
    id: string,
    event: Types['event'],
    options: ByHandOptions = {},
  ): Promise<SagaInstanceState<Types>> {
    return this.input(id, { kind: 'sent', event: event as MachineEvent }, options);
  }

  /**
   * Goes on with a parked instance: takes the input that failed `again` (after a repair), leaves it out
   * (`skip`), or runs the effect that failed anew (`rerun`). Rejects with `SagaNotParked` if it is not.
   */
  async retry(
    id: string,
    how: RetryInput['how'] = 'again',
    options: ByHandOptions = {},
  ): Promise<SagaInstanceState<Types>> {
    const before = await this.get(id);
    if (before && before.status !== 'parked') throw notParked(this.saga, id, before.status);
    return this.input(id, { kind: 'retry', how }, options);
  }

  /**
   * Ends an instance. With `compensate`, the default where the saga declares a `cancel` event, the machine
   * gets that and ends by itself; else it ends at once, with whatever it has done so far.
   */
  async cancel(
    id: string,
    {
      compensate = this.saga.cancel !== undefined,
      ...options
    }: ByHandOptions & { readonly compensate?: boolean } = {},
  ): Promise<SagaInstanceState<Types>> {
    return this.input(id, { kind: 'cancel', compensate }, options);
  }

  /**
   * Resolves with an instance once it has ended (`'done'`: done or cancelled), or once it is as the
   * predicate wants it; an instance that does not exist yet is waited for. Rejects with `WaitTimedOut`,
   * or with `SagaParked` where it waits for `'done'` and the instance is parked.
   */
  async waitFor(
    id: string,
    until: 'done' | ((instance: SagaInstanceState<Types>) => boolean),
    { timeoutMs = TIMEOUT_MS }: SagaWaitOptions = {},
  ): Promise<SagaInstanceState<Types>> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const instance = await this.get(id);
      if (instance && isReached(instance, until)) return instance;
      if (instance?.status === 'parked' && until === 'done') throw parked(this.saga, instance);
      const left = end - performance.now();
      if (left <= 0) throw timedOut(this.saga, id, instance, timeoutMs);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      if (!(await this.setup.grown(Math.min(LOOK_MS, left))))
        throw timedOut(this.saga, id, instance, timeoutMs);
    }
  }

  private async input(
    id: string,
    data: SagaInput,
    options: ByHandOptions,
  ): Promise<SagaInstanceState<Types>> {
    const { instances } = this.setup;
    await instances.send(id, { type: INPUT, data } as never, options);
    const instance = await this.get(id);
    if (!instance) throw notFound(this.saga, id);
    return instance;
  }
}

function isReached<Types extends SagaTypes>(
  instance: SagaInstanceState<Types>,
  until: 'done' | ((instance: SagaInstanceState<Types>) => boolean),
): boolean {
  if (until === 'done') return instance.status === 'done' || instance.status === 'cancelled';
  return until(instance);
}

function stateOf<Types extends SagaTypes>(
  id: string,
  { snapshot, ...state }: SagaState,
): SagaInstanceState<Types> {
  const { value = null, context = null } = (snapshot ?? {}) as Partial<MachineSnapshot>;
  // The machine that made them is the one that these types stand for.
  return { id, ...state, value, context } as SagaInstanceState<Types>;
}

function itemOf(id: string, { snapshot, ...listed }: SagaListed): SagaItem {
  return { id, ...listed, value: snapshot?.value ?? null };
}

function notFound({ name }: Saga, id: string): TroupeError {
  return new TroupeError('SagaNotFound', `Saga ${name} has no instance ${id}`, { saga: name, id });
}

function notParked({ name }: Saga, id: string, status: string): TroupeError {
  return new TroupeError(
    'SagaNotParked',
    `Saga ${name}, instance ${id}: expected it to be parked, it is ${status}`,
    { saga: name, id, status },
  );
}

function parked({ name }: Saga, { id, error, value }: SagaInstanceState): TroupeError {
  return new TroupeError(
    'SagaParked',
    `Saga ${name}, instance ${id} is parked in ${JSON.stringify(value)}: ${error?.message ?? ''}. Retry it once that is mended`,
    { saga: name, id, value, error },
  );
}

function timedOut(
  { name }: Saga,
  id: string,
  instance: SagaInstanceState | undefined,
  timeoutMs: number,
): TroupeError {
  const where = instance
    ? `it is ${instance.status} in ${JSON.stringify(instance.value)}`
    : 'there is none yet';
  return new TroupeError(
    'WaitTimedOut',
    `Saga ${name}, instance ${id} was not reached within ${timeoutMs} ms: ${where}`,
    { saga: name, id, timeoutMs, status: instance?.status, value: instance?.value },
  );
}
