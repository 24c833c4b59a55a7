import type { Domain } from '../aggregate/domain.js';
import type { SendOptions } from '../client/send-options.js';
import { type StampSetup, stamp } from '../client/stamp.js';
import { STATE_QUERY } from '../messages/command.js';
import { CommandRefused } from '../messages/errors.js';
import type { StreamName } from '../store/store.js';
import { invalidOption, limitOf, wholeNumber } from './cursor.js';
import { type DryRun, dryRunOf, unsent } from './dry-run-result.js';
import { type InspectedEvent, inspectedEvent } from './inspected-event.js';
import type { EventsFound, FoldedState, JobRunner } from './inspection-jobs.js';
import { type Change, jsonDiff } from './json-diff.js';
import { nameOf, streamOf } from './names.js';

/** State of an instance at a version, folded from the log. Plain data. */
export interface InspectedState extends Omit<FoldedState, 'state'> {
  readonly aggregate: string;
  readonly id: string;
  readonly state: unknown;
}

/** How a state changed from one version to another. */
export interface StateDiff {
  readonly aggregate: string;
  readonly id: string;
  readonly from: Omit<FoldedState, 'state'>;
  readonly to: Omit<FoldedState, 'state'>;
  /** In the order of the state at `from`; the first 1000. */
  readonly changes: readonly Change[];
  /** There are more. */
  readonly isCut: boolean;
}

/** Which events of the log are shown. */
export interface EventsOptions {
  /** Position after which the page starts. Default 0. */
  readonly after?: number;
  /** Name of the aggregate, in code or in the log. */
  readonly aggregate?: string;
  /** Type as it is stored, or as it reads today. */
  readonly type?: string;
  /** 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** A page of events. */
export interface EventsPage {
  readonly events: readonly InspectedEvent[];
  /**
   * For `after` of the next page. A page looks at no more than 10 000 events and ends before it has 4 MiB
   * of payloads: it may hold less than was asked for, or nothing, and not be the last.
   */
  readonly next: number;
  /** There was nothing after `next`. */
  readonly isEnd: boolean;
}

/** What the log tells, worked out by whoever runs jobs. */
export class LogView {
  constructor(
    private readonly parts: {
      readonly domain: Domain;
      readonly jobs: JobRunner;
      readonly stamp: StampSetup;
    },
  ) {}

  async stateAt(
    aggregate: string,
    id: string,
    version: number | undefined,
  ): Promise<InspectedState | undefined> {
    const stream = this.stream(aggregate, id);
    if (version !== undefined) versionOf('version', version);
    const folded = await this.parts.jobs.run({ kind: 'state', ...stream, version });
    if (!folded) return undefined;
    const { state, ...rest } = folded;
    return { ...this.named(stream), state: JSON.parse(state) as unknown, ...rest };
  }

  async diff(aggregate: string, id: string, from: number, to: number): Promise<StateDiff> {
    const stream = this.stream(aggregate, id);
    versionOf('from', from);
    versionOf('to', to);
    if (to < from) throw invalidOption('to', `a version from ${from} on`, to);
    const found = await this.parts.jobs.run({ kind: 'diff', ...stream, from, to });
    const { state: before, ...atFrom } = found.from;
    const { state: after, ...atTo } = found.to;
    const changes = jsonDiff(JSON.parse(before), JSON.parse(after), MAX_CHANGES + 1);
    return {
      ...this.named(stream),
      ...{ from: atFrom, to: atTo, changes: changes.slice(0, MAX_CHANGES) },
      isCut: changes.length > MAX_CHANGES,
    };
  }

  async dryRun(
    aggregate: string,
    id: string,
    command: { readonly type: string; readonly data: unknown },
    options: DryRunOptions,
  ): Promise<DryRun> {
    const stream = this.stream(aggregate, id);
    const { type, data } = command;
    if (type === STATE_QUERY) throw invalidOption('type', 'a command', type);
    try {
      const call = { ...stream, type, data };
      const message = stamp(call, { ...options, state: true }, this.parts.stamp);
      return dryRunOf(await this.parts.jobs.run({ kind: 'dryRun', message }));
    } catch (error) {
      if (error instanceof CommandRefused) return unsent(error);
      throw error;
    }
  }

  async events({ after = 0, aggregate, type, limit }: EventsOptions): Promise<EventsPage> {
    const { domain, jobs } = this.parts;
    const stored = aggregate && (domain.aggregates.get(aggregate)?.storedAs ?? aggregate);
    const query = { after: versionOf('after', after), limit: limitOf(limit), type };
    return this.page(await jobs.run({ kind: 'log', aggregate: stored, ...query }));
  }

  async streamEvents(
    aggregate: string,
    id: string,
    { after = 0, limit }: Pick<EventsOptions, 'after' | 'limit'>,
  ): Promise<EventsPage> {
    const stream = this.stream(aggregate, id);
    const query = { after: versionOf('after', after), limit: limitOf(limit) };
    return this.page(await this.parts.jobs.run({ kind: 'stream', ...stream, ...query }));
  }

  private page({ events, next, isEnd }: EventsFound): EventsPage {
    const shown = events.map((event) => inspectedEvent(this.parts.domain, event));
    return { events: shown, next, isEnd };
  }

  private stream(aggregate: string, id: string): StreamName {
    return streamOf(this.parts.domain, aggregate, id);
  }

  private named({ aggregate, id }: StreamName): StreamName {
    return { aggregate: nameOf(this.parts.domain, aggregate), id };
  }
}

/** How a command is dry-run: as `send` would send it, as far as a decider can tell. */
export type DryRunOptions = Pick<SendOptions, 'metadata' | 'expectedVersion' | 'occurredAt'>;

const MAX_CHANGES = 1000;

function versionOf(option: string, given: unknown): number {
  return wholeNumber(option, given, { least: 0, most: Number.MAX_SAFE_INTEGER });
}
