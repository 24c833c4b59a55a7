import type { Aggregate } from '../aggregate/define-aggregate.js';
import type { Domain } from '../aggregate/domain.js';
import { readEvent } from '../aggregate/read-event.js';
import type { JsonLimits } from '../internal/json.js';
import { SetupError, TroupeError } from '../messages/errors.js';
import type { ReadEvent, StoredEvent } from '../messages/event.js';
import type { Store, StreamName } from '../store/store.js';
import { type DryRunSetup, dryRun } from './dry-run.js';
import type {
  EventsFound,
  FoldedState,
  InspectionJob,
  JobResults,
  JobRunner,
} from './inspection-jobs.js';
import { StreamFold } from './stream-fold.js';

/** What an inspector works with. */
export interface InspectorParts {
  readonly domain: Pick<Domain, 'stored'>;
  readonly store: Pick<
    Store,
    'load' | 'heads' | 'readRanges' | 'readStream' | 'readAll' | 'saveSnapshots'
  >;
  readonly limits: JsonLimits;
  readonly freezeState: boolean;
}

/** Events of the log that one page looks at, however few of them are wanted. */
const MAX_LOOKED_AT = 10_000;
/** Characters of payloads in one page, about: it ends early rather than grow beyond. */
const MAX_PAGE = 4 * 1024 * 1024;
const PAGE = 500;

/** Works out from the log what is asked about it. Changes nothing, but for a snapshot that is asked for. */
export class Inspector implements JobRunner {
  private readonly services = new Map<Aggregate, Promise<unknown>>();

  constructor(private readonly parts: InspectorParts) {}

  async run<Job extends InspectionJob>(job: Job): Promise<JobResults[Job['kind']]> {
    // Each kind of job has its own result.
    return (await this.result(job)) as JobResults[Job['kind']];
  }

  async close(): Promise<void> {
    // The store is not its own.
  }

  private result(job: InspectionJob): Promise<JobResults[keyof JobResults]> {
    switch (job.kind) {
      case 'state':
        return this.state(job, job.version);
      case 'diff':
        return this.diff(job, job.from, job.to);
      case 'dryRun':
        return this.dryRun(job);
      case 'snapshot':
        return this.snapshot(job);
      case 'log':
        return this.log(job);
      case 'stream':
        return this.stream(job);
    }
  }

  private async state(stream: StreamName, version?: number): Promise<FoldedState | undefined> {
    const fold = await this.begin(stream, version ?? Number.MAX_SAFE_INTEGER);
    await fold.upTo(version);
    return version === undefined && fold.actor.version === 0 ? undefined : fold.folded();
  }

  private async diff(stream: StreamName, from: number, to: number): Promise<JobResults['diff']> {
    const fold = await this.begin(stream, from);
    const before = await (await fold.upTo(from)).folded();
    return { from: before, to: await (await fold.upTo(to)).folded() };
  }

  private async dryRun({ message }: { readonly message: InspectionMessage }) {
    const fold = await this.begin(message, Number.MAX_SAFE_INTEGER);
    const { actor } = await fold.upTo(undefined);
    const { limits, freezeState } = this.parts;
    const services = await this.standIns(actor.definition);
    return dryRun(actor, message, { limits, freezeState, services });
  }

  private async snapshot(stream: StreamName): Promise<JobResults['snapshot']> {
    const fold = await this.begin(stream, Number.MAX_SAFE_INTEGER);
    const { actor } = await fold.upTo(undefined);
    if (actor.version === 0) return undefined;
    const { aggregate, id, committed, definition } = actor;
    const { state } = await fold.folded();
    const { stateVersion } = definition;
    await this.parts.store.saveSnapshots([{ aggregate, id, stateVersion, state, ...committed }]);
    return { version: actor.version };
  }

  /** Made once, by the domain; undefined where it gives none. */
  private async standIns(definition: Aggregate): Promise<DryRunSetup['services']> {
    const { dryRunServices: make } = definition;
    if (!make) return undefined;
    let made = this.services.get(definition);
    if (!made) {
      made = Promise.resolve().then(make);
      this.services.set(definition, made);
      made.catch(() => this.services.delete(definition)); // the next one asks again
    }
    return { value: await made };
  }

  private async log({
    after,
    limit,
    aggregate,
    type,
  }: Extract<InspectionJob, { kind: 'log' }>): Promise<EventsFound> {
    const isWanted = (event: ReadEvent): boolean =>
      (aggregate === undefined || event.aggregate === aggregate) &&
      (type === undefined || typesOf(event).includes(type));
    const page = new EventPage(limit);
    for (let mark = after, looked = 0; looked < MAX_LOOKED_AT; ) {
      const events = await this.parts.store.readAll({ after: mark, limit: PAGE });
      for (const event of events) {
        looked += 1;
        mark = event.position;
        const read = this.read(event);
        if (isWanted(read)) page.add(read);
        if (page.isFull) return page.found(mark, false);
      }
      if (events.length < PAGE) return page.found(mark, true);
      page.end = mark;
    }
    return page.found(page.end, false);
  }

  private async stream({
    aggregate,
    id,
    after,
    limit,
  }: Extract<InspectionJob, { kind: 'stream' }>): Promise<EventsFound> {
    const page = new EventPage(limit);
    for (let mark = after; ; ) {
      const events = await this.parts.store.readStream(
        { aggregate, id },
        { after: mark, limit: PAGE },
      );
      for (const event of events) {
        mark = event.version;
        page.add(this.read(event));
        if (page.isFull) return page.found(mark, false);
      }
      if (events.length < PAGE) return page.found(mark, true);
    }
  }

  private read(event: StoredEvent): ReadEvent {
    return readEvent(this.parts.domain.stored.get(event.aggregate), event);
  }

  private begin({ aggregate, id }: StreamName, least: number): Promise<StreamFold> {
    const definition = this.parts.domain.stored.get(aggregate);
    if (!definition)
      throw new SetupError(
        'UnknownAggregate',
        `The domain module exports no aggregate stored as ${aggregate}`,
        { aggregate },
      );
    return StreamFold.begin(this.parts.store, { definition, id }, least);
  }
}

type InspectionMessage = Extract<InspectionJob, { kind: 'dryRun' }>['message'];

function typesOf({ type, readsAs }: ReadEvent): readonly string[] {
  return readsAs ? [type, ...readsAs.map((part) => part.type)] : [type];
}

/** A page of events, bounded in number and in size. */
class EventPage {
  private readonly events: ReadEvent[] = [];
  private size = 0;
  end = 0;

  constructor(private readonly limit: number) {}

  get isFull(): boolean {
    return this.events.length >= this.limit || this.size >= MAX_PAGE;
  }

  add(event: ReadEvent): void {
    this.events.push(event);
    this.size += event.data.length + event.metadata.length;
  }

  found(next: number, isEnd: boolean): EventsFound {
    return { events: this.events, next, isEnd };
  }
}

/** An error of a job, as it was before it crossed. */
export function jobError({
  code = 'InspectionFailed',
  message,
  details,
  cause,
}: {
  readonly code?: string;
  readonly message: string;
  readonly details?: object;
  readonly cause?: unknown;
}): TroupeError {
  return new TroupeError(code, message, details, cause);
}
