import type { Domain } from '../aggregate/domain.js';
import { judgeGroup } from '../aggregate/judge-group.js';
import { readEvent } from '../aggregate/read-event.js';
import type { StoredEvent } from '../messages/event.js';
import { eventId } from '../messages/ids.js';
import type { Census, CountedGroup, EventGroup } from '../postgres/census.js';

/** Events of one type and schema version that the domain cannot read. */
export interface Finding extends EventGroup {
  readonly problem: 'unknownAggregate' | 'unknownType' | 'unknownVersion' | 'unreadable';
  /** How many there are; of `unreadable` ones those found, with a sample perhaps not all. */
  readonly count: number;
  /** For people; of `unreadable` ones that of the first. */
  readonly reason: string;
  /** Ids of a few, `aggregate/id@version`. */
  readonly examples: readonly string[];
}

/** What a check found. */
export interface CheckResult {
  readonly clean: boolean;
  /** Events in the log. */
  readonly events: number;
  /** Of these, those that upcasters or decoders were run on. */
  readonly read: number;
  readonly findings: readonly Finding[];
}

/** How a check is to go about it. */
export interface CheckOptions {
  /** Events to read of each type and schema version, the oldest; undefined reads all. */
  readonly sample?: number | undefined;
  /** Told after each page how many of how many events were read. */
  onProgress(read: number, total: number): void;
}

type CensusReader = Pick<Census, 'groups' | 'page' | 'at'>;

const PAGE = 500;
const EXAMPLES = 3;

/** Compares a domain with what the log holds, one page in memory at a time. */
export async function checkLog(
  domain: Pick<Domain, 'stored'>,
  census: CensusReader,
  options: CheckOptions,
): Promise<CheckResult> {
  const groups = await census.groups();
  const findings: Finding[] = [];
  const byCode: CountedGroup[] = [];
  for (const group of groups) {
    const judged = judgeGroup(domain, group);
    if (judged.kind === 'byCode') byCode.push(group);
    else if (judged.kind !== 'asStored') {
      const examples = await examplesOf(census, group);
      findings.push(toFinding(group, { problem: judged.kind, reason: judged.reason, examples }));
    }
  }
  const reading = new Reading(domain, byCode, options);
  if (options.sample === undefined) await reading.all(census);
  else await reading.samples(census, options.sample);
  return {
    clean: findings.length === 0 && reading.findings.size === 0,
    events: groups.reduce((sum, { count }) => sum + count, 0),
    read: reading.count,
    findings: [...findings, ...reading.findings.values()],
  };
}

async function examplesOf(census: CensusReader, group: CountedGroup): Promise<string[]> {
  const { firstPosition, lastPosition } = group;
  return (await census.at([firstPosition, lastPosition])).map(idOf);
}

function toFinding(
  { aggregate, type, schemaVersion, count }: EventGroup & { readonly count: number },
  what: Pick<Finding, 'problem' | 'reason' | 'examples'>,
): Finding {
  const { problem, reason, examples } = what;
  return { problem, aggregate, type, schemaVersion, count, reason, examples };
}

/** Reads events as the runtime would, and keeps what cannot be read. */
class Reading {
  readonly findings = new Map<string, Finding>();
  count = 0;

  constructor(
    private readonly domain: Pick<Domain, 'stored'>,
    private readonly groups: readonly CountedGroup[],
    private readonly options: CheckOptions,
  ) {}

  async all(census: CensusReader): Promise<void> {
    const { groups } = this;
    const upTo = Math.max(0, ...groups.map((group) => group.lastPosition));
    let after = Math.min(...groups.map((group) => group.firstPosition)) - 1;
    while (after < upTo) {
      const events = await census.page({ groups, after, upTo, limit: PAGE });
      this.take(events);
      after = events.length < PAGE ? upTo : (events.at(-1)?.position ?? upTo);
    }
  }

  async samples(census: CensusReader, sample: number): Promise<void> {
    for (const group of this.groups) {
      let after = group.firstPosition - 1;
      for (let left = sample; left > 0 && after < group.lastPosition; left -= PAGE) {
        const limit = Math.min(PAGE, left);
        const page = { groups: [group], after, upTo: group.lastPosition, limit };
        const events = await census.page(page);
        this.take(events);
        after = events.at(-1)?.position ?? group.lastPosition;
      }
    }
  }

  private take(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.count += 1;
      const { unreadable } = readEvent(this.domain.stored.get(event.aggregate), event);
      if (unreadable) this.note(event, unreadable.message);
    }
    const { sample = Number.POSITIVE_INFINITY } = this.options;
    const total = this.groups.reduce((sum, { count }) => sum + Math.min(count, sample), 0);
    this.options.onProgress(this.count, total);
  }

  private note(event: StoredEvent, reason: string): void {
    const key = `${event.aggregate}\0${event.type}\0${event.schemaVersion}`;
    const found = this.findings.get(key);
    const examples = found?.examples ?? [];
    this.findings.set(
      key,
      toFinding(
        { ...event, count: (found?.count ?? 0) + 1 },
        {
          problem: 'unreadable',
          reason: found?.reason ?? reason,
          examples: examples.length < EXAMPLES ? [...examples, idOf(event)] : examples,
        },
      ),
    );
  }
}

function idOf({ aggregate, id, version }: StoredEvent): string {
  return eventId(aggregate, id, version);
}
