import type { Domain } from '../aggregate/domain.js';
import type { SubscriptionInfo } from '../dispatcher/subscriptions.js';
import { sliceOf } from '../messages/slice.js';
import { ownerOf } from '../shard/placement.js';
import type { ActorAnswer, ActorReport, ActorState } from '../shard/questions.js';
import type { Operations, Quarantine, SnapshotInfo } from '../store/operations.js';
import type { Head, Store, StreamName } from '../store/store.js';
import type { ParkedEvent } from '../store/subscriptions.js';
import type { InspectedShard } from './inspected-shard.js';
import { definitionOf, nameOf } from './names.js';
import { type RunningCommand, runningOn } from './shard-view.js';

/** What the log says of a stream. */
export interface StreamInspection {
  /** Number of its events; 0 = there is no such stream. */
  readonly version: number;
  /** Position of the last one. */
  readonly position: number;
}

/** How far a subscription is with one stream. */
export interface StreamLag {
  readonly subscription: string;
  readonly state: SubscriptionInfo['state'];
  readonly position: number;
  /** Events of this stream above that position, wanted or not; at most 1000. */
  readonly behind: number;
  /** The event that failed, with which this stream waits there. */
  readonly parked: ParkedEvent | undefined;
}

/** One actor, as an operator sees it. Plain data; ages and durations in milliseconds, times in Unix milliseconds. */
export interface ActorInspection {
  /** Name of the aggregate in code. */
  readonly aggregate: string;
  readonly id: string;
  readonly slice: number;
  /** The shard that owns it; undefined where this process has none, since another one owns the log. */
  readonly shard: number | undefined;
  /** What it does; `unknown` where its shard shows no sign of life for 250 ms. */
  readonly status: ActorState | 'unknown';
  /** What such a silent shard is busy with. */
  readonly running: RunningCommand | undefined;
  readonly stream: StreamInspection;
  /** Version of the newest snapshot for today's state version, and events and time since. */
  readonly snapshot:
    | (SnapshotInfo & { readonly eventsSince: number; readonly ageMs?: number })
    | undefined;
  /** From inside its shard; undefined if it is not in memory. */
  readonly live: ActorReport | undefined;
  readonly quarantine: Quarantine | undefined;
  /**
   * Its last commands, newest first. From the first look on all are kept, the last 50, until nobody has
   * looked for a minute; at the first look those among the last 1024 of its shard.
   */
  readonly commands: ActorAnswer['commands'];
  readonly watchedSince: number | undefined;
  /** Among the last 256 refusals and failures of its shard. */
  readonly lastError: ActorAnswer['lastError'];
  /** Of every subscription of the log; empty where the store has none. */
  readonly subscriptions: readonly StreamLag[];
}

/** What an actor is seen by. */
export interface ActorViewParts {
  readonly domain: Domain;
  readonly store: Pick<Store, 'heads'>;
  readonly operations: Operations;
  shards(): readonly InspectedShard[];
  /** Empty where there are none. */
  subscriptions(): Promise<readonly SubscriptionInfo[]>;
  parked(name: string, stream: StreamName): Promise<readonly ParkedEvent[]>;
}

const MAX_BEHIND = 1000;

/** Looks at one actor: in its shard, and at its stream in the log. */
export async function inspectActor(
  parts: ActorViewParts,
  stream: StreamName,
): Promise<ActorInspection> {
  const { domain, store, operations } = parts;
  const slice = sliceOf(stream.aggregate, stream.id);
  const shards = parts.shards();
  const shard = shards[ownerOf(slice, shards.length)];
  const [told, [head], facts, infos] = await Promise.all([
    shard?.questions.ask({ kind: 'actor', ...stream }),
    store.heads([stream]),
    operations.streamFacts(stream, MAX_BEHIND),
    parts.subscriptions(),
  ]);
  const answer = told?.kind === 'answered' ? told.answer : undefined;
  const { version = 0, position = 0 }: Partial<Head> = head ?? {};
  const { stateVersion } = definitionOf(domain, stream.aggregate);
  return {
    ...{ aggregate: nameOf(domain, stream.aggregate), id: stream.id, slice, shard: shard?.index },
    status: statusOf(told?.kind === 'silent', answer),
    running: shard && told?.kind === 'silent' ? runningOn(shard, domain) : undefined,
    stream: { version, position },
    snapshot: withAge(
      facts.snapshots.find((snapshot) => snapshot.stateVersion === stateVersion),
      version,
    ),
    ...{ live: answer?.live, quarantine: answer?.quarantine },
    ...{ commands: answer?.commands ?? [], watchedSince: answer?.watchedSince },
    lastError: answer?.lastError,
    subscriptions: await lagsOf(parts, stream, { infos, positions: facts.lastPositions }),
  };
}

function statusOf(isSilent: boolean, answer: ActorAnswer | undefined): ActorInspection['status'] {
  if (isSilent) return 'unknown';
  if (answer?.quarantine) return 'quarantined';
  return answer?.live?.status ?? (answer?.isPassivating ? 'passivating' : 'notLive');
}

function withAge(snapshot: SnapshotInfo | undefined, version: number): ActorInspection['snapshot'] {
  if (!snapshot) return undefined;
  const { takenAt } = snapshot;
  const age = takenAt === undefined ? {} : { ageMs: Math.max(0, Date.now() - takenAt) };
  return { ...snapshot, eventsSince: Math.max(0, version - snapshot.version), ...age };
}

function lagsOf(
  parts: ActorViewParts,
  stream: StreamName,
  {
    infos,
    positions,
  }: { readonly infos: readonly SubscriptionInfo[]; readonly positions: readonly number[] },
): Promise<StreamLag[]> {
  const lags = infos.map(async ({ name, state, position, parked }) => {
    const events = parked > 0 ? await parts.parked(name, stream) : [];
    const behind = positions.filter((at) => at > position).length;
    const open = events.find((event) => event.resolved === undefined);
    return { subscription: name, state, position, behind, parked: open };
  });
  return Promise.all(lags);
}
