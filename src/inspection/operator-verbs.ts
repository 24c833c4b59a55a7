import type { Domain } from '../aggregate/domain.js';
import { checkReason } from '../dispatcher/subscriptions.js';
import { sliceOf } from '../messages/slice.js';
import { ownerOf } from '../shard/placement.js';
import type { AuditEntry, NewAuditEntry, Operations, Verb } from '../store/operations.js';
import type { StreamName } from '../store/store.js';
import type { Reason } from '../store/subscriptions.js';
import { limitOf, wholeNumber } from './cursor.js';
import type { InspectedShard } from './inspected-shard.js';
import type { JobRunner } from './inspection-jobs.js';
import { nameOf, streamOf } from './names.js';
import type { QuarantineWatch } from './quarantine-watch.js';

/** What came of what an operator did. */
export interface VerbResult {
  /** Number of its entry in the audit. */
  readonly audit: number;
  /**
   * `done`; `notLive`, there is no such actor in memory, or no such stream; `busy`, it has work;
   * `unanswered`, its shard showed no sign of life for 250 ms: it was told, and may still do it.
   */
  readonly result: 'done' | 'notLive' | 'busy' | 'unanswered';
  readonly message: string;
}

type Outcome = Omit<VerbResult, 'audit'>;

/** Which entries of the audit are listed, newest first. */
export interface AuditOptions {
  /** `next` of the page before. */
  readonly after?: number;
  /** 1 to 1000. Default 100. */
  readonly limit?: number;
  /** Only those of one actor. */
  readonly aggregate?: string;
  readonly id?: string;
}

/** A page of the audit. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** For `after` of the next page; undefined if this is the last one. */
  readonly next: number | undefined;
}

/** What verbs need. */
export interface VerbParts {
  readonly domain: Domain;
  readonly operations: Operations;
  readonly jobs: JobRunner;
  readonly quarantines: QuarantineWatch;
  shards(): readonly InspectedShard[];
}

/** What operators may do to one actor. Each is put down, with who and why, before it is done. */
export class OperatorVerbs {
  constructor(private readonly parts: VerbParts) {}

  passivate(stream: StreamName, reason: Reason): Promise<VerbResult> {
    return this.recorded('passivate', stream, reason, () => this.askOwner('passivate', stream));
  }

  reload(stream: StreamName, reason: Reason): Promise<VerbResult> {
    return this.recorded('reload', stream, reason, () => this.askOwner('reload', stream));
  }

  snapshot(stream: StreamName, reason: Reason): Promise<VerbResult> {
    return this.recorded('snapshot', stream, reason, async () => {
      const written = await this.parts.jobs.run({ kind: 'snapshot', ...stream });
      return written
        ? { result: 'done', message: `there is a snapshot of version ${written.version} or later` }
        : { result: 'notLive', message: 'there is no such stream' };
    });
  }

  quarantine(stream: StreamName, reason: Reason): Promise<VerbResult> {
    const told = 'commands are refused from now on; other processes know within two seconds';
    return this.recorded('quarantine', stream, reason, () => this.tellOwner(stream, told));
  }

  release(stream: StreamName, reason: Reason): Promise<VerbResult> {
    const told = 'commands are taken again; other processes know within two seconds';
    return this.recorded('release', stream, reason, () => this.tellOwner(stream, told));
  }

  async audit({ after, limit, aggregate, id }: AuditOptions): Promise<AuditPage> {
    const { operations, domain } = this.parts;
    const most = Number.MAX_SAFE_INTEGER;
    const before = wholeNumber('after', after ?? most, { least: 0, most });
    const page = limitOf(limit);
    const isOne = aggregate !== undefined && id !== undefined;
    const stream = isOne ? auditedAs(domain, aggregate, id) : undefined;
    const entries = await operations.audit({ before, limit: page, stream });
    const named = entries.map((entry) => ({
      ...entry,
      aggregate: nameOf(domain, entry.aggregate),
    }));
    return { entries: named, next: entries.length < page ? undefined : entries.at(-1)?.number };
  }

  /** Puts down what is done beside actors, before it is done, and what came of it. */
  async put<Result>(
    { verb, aggregate, id }: Omit<NewAuditEntry, keyof Reason>,
    { who, why }: Reason,
    work: () => Promise<Result>,
  ): Promise<Result> {
    checkReason({ who, why });
    const audit = await this.parts.operations.begin({ verb, aggregate, id, who, why });
    try {
      const result = await work();
      await this.finish(audit, { result: 'done', message: '' });
      return result;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.finish(audit, { result: 'failed', message });
      throw error;
    }
  }

  private async recorded(
    verb: Verb,
    { aggregate, id }: StreamName,
    reason: Reason,
    work: () => Promise<Outcome>,
  ): Promise<VerbResult> {
    checkReason(reason);
    const { who, why } = reason;
    const { operations } = this.parts;
    const audit = await operations.begin({ verb, aggregate, id, who, why });
    try {
      const outcome = await work();
      await this.finish(audit, outcome);
      return { audit, ...outcome };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.finish(audit, { result: 'failed', message });
      throw error;
    }
  }

  /** An entry without a result says that nobody could tell: that is no reason to call it undone. */
  private async finish(
    audit: number,
    outcome: { readonly result: string; readonly message: string },
  ): Promise<void> {
    await this.parts.operations.finish(audit, outcome).catch(() => undefined);
  }

  private async askOwner(kind: 'passivate' | 'reload', stream: StreamName): Promise<Outcome> {
    const told = await this.ownerOf(stream)?.questions.ask({ kind, ...stream });
    if (!told) return { result: 'notLive', message: 'this process has no shards' };
    return told.kind === 'answered' ? told.answer : UNANSWERED;
  }

  private async tellOwner(stream: StreamName, message: string): Promise<Outcome> {
    const silent = await this.parts.quarantines.refresh();
    const owner = this.ownerOf(stream);
    return owner && silent.includes(owner.index) ? UNANSWERED : { result: 'done', message };
  }

  private ownerOf({ aggregate, id }: StreamName): InspectedShard | undefined {
    const shards = this.parts.shards();
    return shards[ownerOf(sliceOf(aggregate, id), shards.length)];
  }
}

/** What is no aggregate (a subscription) is put down under a reserved name. */
function auditedAs(domain: Domain, aggregate: string, id: string): StreamName {
  return aggregate.startsWith('$') ? { aggregate, id } : streamOf(domain, aggregate, id);
}

const UNANSWERED: Outcome = {
  result: 'unanswered',
  message: 'its shard showed no sign of life for 250 ms: it does this when it goes on',
};
