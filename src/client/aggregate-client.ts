import type {
  Aggregate,
  AggregateTypes,
  CommandOf,
  CreateCommandOf,
  RejectionOf,
} from '../aggregate/define-aggregate.js';
import type { AcceptedAnswer } from '../messages/answer.js';
import { type CommandMessage, STATE_QUERY } from '../messages/command.js';
import type { Rejection } from '../messages/errors.js';
import { CommandRefused, type TroupeError } from '../messages/errors.js';
import { streamEvents } from '../store/read.js';
import { commandChannel } from '../telemetry/channels.js';
import { traceCommand } from '../telemetry/trace-command.js';
import type { Reply } from '../threads/pending-calls.js';
import type { Router } from '../threads/router.js';
import { type Receipt, toReceipt } from './receipt.js';
import { type RecordedEvent, toRecorded } from './recorded-event.js';
import type { CreateOptions, SendOptions } from './send-options.js';
import { type Call, checkWaitMs, idFromKey, type StampSetup, stamp } from './stamp.js';
import { toError } from './to-error.js';
import { namesOf, type Readers, waitForAll } from './wait-for.js';

/** State of an aggregate instance at a version. */
export interface StateAt<State> {
  readonly state: State;
  readonly version: number;
  /** Position of the event at that version. */
  readonly position: number;
}

/** What `trySend` resolves: a receipt, or a domain rejection told apart by `shortCode`. */
export type TrySendResult<Types extends AggregateTypes> =
  | { readonly ok: true; readonly receipt: Receipt<Types> }
  | ({
      readonly ok: false;
      /** The command's key had been used before: this is the first outcome. */
      readonly deduplicated: boolean;
    } & Omit<Rejection, 'shortCode' | 'details'> &
      RejectionOf<Types>);

/** What the client of an aggregate needs from the runtime. */
export interface ClientSetup {
  readonly router: Router;
  readonly stamp: StampSetup;
  readonly newId: () => string;
  /** What `waitFor` waits for. */
  readonly readers: Readers;
}

/** Sends commands to the instances of one aggregate and reads them. */
export class AggregateClient<Types extends AggregateTypes> {
  constructor(
    private readonly definition: Aggregate<Types>,
    private readonly setup: ClientSetup,
  ) {}

  /**
   * Sends a command to one instance and resolves when its events are durable. Throws `CommandRejected`
   * (by the domain), `CommandRefused` and `CommandFailed` (certainly not executed) or `OutcomeUnknown`; with
   * `waitFor` also `WaitFailed`, whose command is stored.
   */
  async send(
    id: string,
    command: CommandOf<Types>,
    options: SendOptions = {},
  ): Promise<Receipt<Types>> {
    const call = this.call(id, command);
    const checking = options.waitFor && this.checkWait(call, options);
    if (checking) await checking; // calls of one turn keep their order where nothing has to be asked
    const { message, reply } = this.dispatch(call, options);
    const answer = await reply;
    if (answer.kind === 'accepted') return this.receipt(message, answer, options);
    throw unaccepted(answer);
  }

  /** As `send`, but a rejection by the domain is a value: `{ ok: false, shortCode, details, ... }`. */
  async trySend(
    id: string,
    command: CommandOf<Types>,
    options: SendOptions = {},
  ): Promise<TrySendResult<Types>> {
    const call = this.call(id, command);
    const checking = options.waitFor && this.checkWait(call, options);
    if (checking) await checking; // calls of one turn keep their order where nothing has to be asked
    const { message, reply } = this.dispatch(call, options);
    const answer = await reply;
    if (answer.kind === 'accepted')
      return { ok: true, receipt: await this.receipt(message, answer, options) };
    // The shard made the rejection from the errors that these types stand for.
    if (answer.kind === 'rejected') {
      const { rejection, deduplicated } = answer;
      return { ok: false, ...rejection, deduplicated } as unknown as TrySendResult<Types>;
    }
    throw unaccepted(answer);
  }

  /** Sends a command that may start a stream, to a new instance unless `id` or the command names one. */
  async create(
    command: CreateCommandOf<Types>,
    options: CreateOptions = {},
  ): Promise<Receipt<Types>> {
    return this.send(this.idFor(command, options), command as CommandOf<Types>, options);
  }

  /** The committed state, or `undefined` if there is no such instance. Waits its turn like a command. */
  async state(
    id: string,
    options: Pick<SendOptions, 'timeoutMs' | 'signal'> = {},
  ): Promise<StateAt<Types['state']> | undefined> {
    const { reply } = this.dispatch(
      { aggregate: this.definition.storedAs, id, type: STATE_QUERY, data: null },
      options,
    );
    const answer = await reply;
    if (answer.kind !== 'state') throw unaccepted(answer);
    if (answer.state === undefined) return undefined;
    return {
      state: JSON.parse(answer.state) as Types['state'],
      version: answer.version,
      position: answer.position,
    };
  }

  /** The events of one instance by version, one page in memory at a time; none if it does not exist. */
  async *events(
    id: string,
    options: { readonly after?: number; readonly upTo?: number } = {},
  ): AsyncGenerator<RecordedEvent<Types>, void> {
    const { definition, setup } = this;
    const stored = streamEvents(
      (stream, page) => setup.router.readPage({ ...stream, ...page }),
      { aggregate: definition.storedAs, id },
      options,
    );
    for await (const event of stored) yield* toRecorded<Types>(definition, event);
  }

  private call(id: string, command: { readonly type: string; readonly data: unknown }): Call {
    const { name: aggregate, storedAs } = this.definition;
    // `state` is how it is asked for: its answer is no receipt.
    if (command?.type === STATE_QUERY)
      throw new CommandRefused('UnknownCommand', `${aggregate} has no command ${STATE_QUERY}`, {
        aggregate,
        id,
        command: STATE_QUERY,
      });
    return { aggregate: storedAs, id, type: command?.type, data: command?.data };
  }

  private receipt(
    sent: CommandMessage,
    answer: AcceptedAnswer,
    options: SendOptions,
  ): Receipt<Types> | Promise<Receipt<Types>> {
    const receipt = toReceipt<Types>(this.definition, sent, answer);
    if (!options.waitFor) return receipt;
    // Whatever its types, it is a receipt.
    const plain = receipt as unknown as Receipt;
    return waitForAll(this.setup.readers, options, plain).then(() => receipt);
  }

  /** Nothing is sent if what is to be waited for is not there. */
  private checkWait(call: Call, options: SendOptions): Promise<void> | undefined {
    checkWaitMs(call, options.waitForTimeoutMs);
    return this.setup.readers.check(namesOf(options.waitFor ?? []));
  }

  private dispatch(call: Call, options: SendOptions) {
    return commandChannel.hasSubscribers
      ? this.dispatchTraced(call, options)
      : this.dispatchNow(call, options);
  }

  private dispatchNow(call: Call, options: SendOptions) {
    const message = stamp(call, options, this.setup.stamp);
    return { message, reply: this.setup.router.send(message, options.signal) };
  }

  private dispatchTraced({ aggregate, id, type, data }: Call, options: SendOptions) {
    const commandId = options.commandId ?? this.setup.newId();
    const { correlationId = commandId, traceparent } = options.metadata ?? {};
    const call = { aggregate, id, type, commandId, correlationId, traceparent };
    return traceCommand(call, (trace) => {
      const metadata =
        trace.traceparent === traceparent || trace.traceparent === undefined
          ? options.metadata
          : { ...options.metadata, traceparent: trace.traceparent };
      const traced = { ...options, commandId, ...(metadata && { metadata }) };
      return this.dispatchNow({ aggregate, id, type, data }, traced);
    });
  }

  private idFor(
    command: { readonly type: string; readonly data: unknown },
    { id, idempotencyKey }: CreateOptions,
  ): string {
    if (id !== undefined) return id;
    const spec = Object.hasOwn(this.definition.commands, command.type)
      ? this.definition.commands[command.type]
      : undefined;
    if (spec?.idFor) return this.derivedId(spec.idFor as (data: unknown) => string, command);
    return idempotencyKey === undefined
      ? this.setup.newId()
      : idFromKey(this.definition.storedAs, idempotencyKey);
  }

  private derivedId(
    idFor: (data: unknown) => string,
    { type, data }: { readonly type: string; readonly data: unknown },
  ): string {
    try {
      return idFor(data);
    } catch (error) {
      const { name } = this.definition;
      throw new CommandRefused(
        'InvalidCommand',
        `${name}.${type}: idFor threw: ${String(error)}`,
        { aggregate: name, command: type },
        error,
      );
    }
  }
}

function unaccepted(reply: Reply): TroupeError {
  if (reply.kind === 'accepted' || reply.kind === 'state')
    throw new TypeError(`a ${reply.kind} answer does not fit this call`);
  return toError(reply);
}
