import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Aggregate, AggregateTypes, CommandOf } from '../aggregate/define-aggregate.js';
import type { ExpectedVersion, Metadata } from '../messages/command.js';
import { CommandRefused } from '../messages/errors.js';
import { type Decided, decideOn, received, type Scene, sceneSetup } from './decide-once.js';
import { expectEqual } from './expectations.js';
import { actorAt, historyRows, type StoredAs } from './history.js';
import { Outcome } from './outcome.js';

/** An event that happened before, as `context.event` takes it, or as it was `stored` by an older release. */
export type GivenEvent<Types extends AggregateTypes> =
  | {
      readonly [Type in keyof Types['events'] & string]: {
        readonly type: Type;
        readonly data: StandardSchemaV1.InferInput<Types['events'][Type]>;
      };
    }[keyof Types['events'] & string]
  | StoredAs;

/** What surrounds a command and the events before it. */
export interface GivenOptions {
  /** Id of the instance. Default `id-1`. */
  readonly id?: string;
  /** What the decider gets as `context.services`. Default: what the definition's factory makes. */
  readonly services?: unknown;
  /** When the given events happened, and `context.now` unless the command says otherwise. Default: 29 February 2024, noon UTC. */
  readonly occurredAt?: Date | number | string;
  /** Bytes of one event's or command's JSON at most. Default 1 MiB. */
  readonly maxPayloadBytes?: number;
  /** Levels of nesting of one event's or command's JSON at most. Default 64. */
  readonly maxPayloadDepth?: number;
}

/** What surrounds one command. */
export interface WhenOptions {
  /** `context.now`. Default: `occurredAt` of the given events. */
  readonly now?: Date | number | string;
  /** `context.commandId`, from which `context.newId()` derives: see `newIdOf`. Default `command-1`. */
  readonly commandId?: string;
  /** `context.metadata`. Default: a correlation id, which is the command id. */
  readonly metadata?: Metadata;
  /** As the option of `send`. */
  readonly expectedVersion?: ExpectedVersion;
  /**
   * Runs the decider a second time, as after a conflict, on the same state with `context.attempt` 2, and
   * fails if it does not decide the same. Default true; services are then called twice.
   */
  readonly decideTwice?: boolean;
}

const NOON = Date.UTC(2024, 1, 29, 12);

/** A stream with a history, on which a command can be decided. */
export class Given<Types extends AggregateTypes> {
  constructor(
    private readonly definition: Aggregate,
    private readonly events: readonly unknown[],
    private readonly options: GivenOptions,
  ) {}

  /**
   * Decides a command as an actor would: the same checks, the same serialisation, a frozen state, events
   * evolved as they are read from the log. Nothing is stored.
   */
  when(command: CommandOf<Types>, options: WhenOptions = {}): Outcome<Types> {
    return new Outcome(
      `${this.definition.name}.${String(command?.type)}`,
      this.definition.codecs,
      this.decide(command, options),
    );
  }

  /** The given events alone evolve to exactly this state, or to one that passes a check of your own. */
  thenState(expected: Types['state'] | ((state: Types['state']) => void)): void {
    const { state } = actorAt(this.stream, this.scene(undefined).history);
    if (typeof expected === 'function') (expected as (state: unknown) => void)(state);
    else expectEqual(`${this.definition.name}: the state`, state, expected);
  }

  private async decide(command: CommandOf<Types>, options: WhenOptions): Promise<Decided> {
    const { now = this.options.occurredAt ?? NOON, decideTwice = true, ...sent } = options;
    const scene = this.scene(await this.services());
    try {
      const queued = received(scene, command, { ...sent, occurredAt: now, now: () => NOON });
      return await decideOn(scene, queued, decideTwice);
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      const { state, version } = actorAt(scene.stream, scene.history);
      return { rows: [], timers: [], error, state, version, impurity: undefined };
    }
  }

  private get stream() {
    return { definition: this.definition, id: this.options.id ?? 'id-1' };
  }

  private scene(services: unknown): Scene {
    const { maxPayloadBytes, maxPayloadDepth, occurredAt = NOON } = this.options;
    const setup = sceneSetup(services, {
      ...(maxPayloadBytes !== undefined && { maxBytes: maxPayloadBytes }),
      ...(maxPayloadDepth !== undefined && { maxDepth: maxPayloadDepth }),
    });
    const at = new Date(occurredAt).getTime();
    const history = historyRows(this.stream, this.events, { occurredAt: at, setup });
    return { stream: this.stream, history, setup };
  }

  private services(): unknown {
    return 'services' in this.options ? this.options.services : this.definition.services?.();
  }
}

/**
 * A stream in which these events have happened. Each is checked by its schema, so that a history which
 * the aggregate could not have written fails the test, with the index of the event.
 *
 * @example
 * await given(account, [{ type: 'deposited', data: { cents: 5 } }])
 *   .when({ type: 'withdraw', data: { cents: 9 } })
 *   .thenRejected('OVERDRAWN', { balance: 5 });
 */
export function given<Types extends AggregateTypes>(
  definition: Aggregate<Types>,
  events: readonly GivenEvent<NoInfer<Types>>[],
  options: GivenOptions = {},
): Given<Types> {
  // Its types live only in `types`, which is never set.
  return new Given<Types>(definition as unknown as Aggregate, events, options);
}
