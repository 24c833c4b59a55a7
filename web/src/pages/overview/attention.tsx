import type { VNode } from 'preact';
import { linkTo } from '../../app/place.js';
import type {
  ActorPage,
  ListedActor,
  Page,
  ParkedEvent,
  Quarantine,
  SagaCounts,
  Shard,
  Subscription,
} from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { duration } from '../../format/times.js';
import { counted, toneOf } from '../../format/words.js';
import { Panel } from '../../parts/page.js';
import { Status } from '../../parts/status.js';
import { type Finding, ofSaga } from './finding.js';

/** An actor whose first command waits longer than this is one to look at. Milliseconds. */
const LONG_MS = 1000;
const MOST = 8;
const MOST_PARKED = 3;

/** What does not go as it should, each with a way to it. */
export function Attention({
  shards,
  subscriptions,
  sagas,
}: {
  shards: readonly Shard[];
  subscriptions: readonly Subscription[];
  sagas: readonly SagaCounts[];
}) {
  const waiting = useQuery<ActorPage>('/inspect/actors?sort=waiting&limit=5', { everyMs: 3000 });
  const stuck = useQuery<ActorPage>('/inspect/actors?status=backingOff&limit=5', { everyMs: 3000 });
  const quarantines = useQuery<Page<Quarantine>>('/inspect/quarantines?limit=5', { everyMs: 5000 });
  const actors = [
    ...(waiting.data?.items.filter(({ headAgeMs }) => headAgeMs > LONG_MS) ?? []),
    ...(stuck.data?.items ?? []),
  ];
  const findings = [
    ...shards.flatMap(ofShard),
    ...(quarantines.data?.items.map(ofQuarantine) ?? []),
    ...once(actors).map(ofActor),
    ...subscriptions.flatMap(ofSubscription),
    ...sagas.flatMap(ofSaga),
  ].slice(0, MOST);
  return (
    <Panel title="Needs a look" flush>
      {findings.length === 0 ? (
        <p class="calm">Nothing is stuck, blocked, parked or quarantined.</p>
      ) : (
        <List findings={findings} />
      )}
    </Panel>
  );
}

function List({ findings }: { findings: readonly Finding[] }): VNode {
  return (
    <ul class="findings">
      {findings.map(({ key, status, href, name, text }) => (
        <li key={key}>
          <Status value={status} tone={toneOf(status) === 'bad' ? 'bad' : 'warn'} />
          <a href={href}>{name}</a>
          <span class="finding-text">{text}</span>
        </li>
      ))}
    </ul>
  );
}

function ofShard({ shard, condition, running, batch }: Shard): readonly Finding[] {
  const isLate = batch !== undefined && batch.ageMs > LONG_MS;
  if (condition === 'running' && !isLate) return [];
  const about = {
    key: `shard ${shard}`,
    name: `Shard ${shard}`,
    href: linkTo(['shards', `${shard}`]),
  };
  if (condition === 'running')
    return [
      {
        ...about,
        status: 'committing',
        text: `the log has not taken a batch for ${duration(batch?.ageMs)}`,
      },
    ];
  const text = running
    ? `in ${running.type} of ${running.aggregate}/${running.id}`
    : 'it shows no sign of life';
  return [{ ...about, status: condition, text }];
}

function ofQuarantine({ aggregate, id, who, why }: Quarantine): Finding {
  return {
    ...{ key: `quarantine ${aggregate}/${id}`, status: 'quarantined', name: `${aggregate}/${id}` },
    ...{ text: `by ${who}: ${why}`, href: linkTo(['actors', aggregate, id]) },
  };
}

function ofActor({ aggregate, id, status, mailbox, headAgeMs }: ListedActor): Finding {
  const text =
    mailbox > 0
      ? `${counted(mailbox, 'command')} waiting, the first for ${duration(headAgeMs)}`
      : 'it waits before it tries again';
  return {
    ...{ key: `actor ${aggregate}/${id}`, status, name: `${aggregate}/${id}`, text },
    href: linkTo(['actors', aggregate, id]),
  };
}

function ofSubscription({ name, state, parked, error }: Subscription): readonly Finding[] {
  const isWell = parked === 0 && state !== 'retrying' && state !== 'stopped';
  if (isWell) return [];
  const text = parked > 0 ? <Parked subscription={name} events={parked} /> : (error?.message ?? '');
  const status = parked > 0 ? 'parked' : state;
  return [
    { ...{ key: `subscription ${name}`, status, name, text }, href: linkTo(['projections', name]) },
  ];
}

/** At which streams it waits, and why: the first few of them. */
function Parked({ subscription, events }: { subscription: string; events: number }) {
  const path = pathOf(['inspect', 'subscriptions', subscription, 'parked'], {
    ...{ open: 'true', limit: MOST_PARKED },
  });
  const { data } = useQuery<Page<ParkedEvent>>(path, { everyMs: 5000 });
  return (
    <>
      <a href={linkTo(['dead-letters'], { subscription })}>{counted(events, 'event')} parked</a>
      {data?.items.map(({ aggregate, id, error }, i) => (
        <span key={`${aggregate}/${id}`}>
          {i === 0 ? ': ' : '; '}
          <a href={linkTo(['actors', aggregate, id])}>{`${aggregate}/${id}`}</a>
          {error && ` (${error.message})`}
        </span>
      ))}
    </>
  );
}

function once(actors: readonly ListedActor[]): readonly ListedActor[] {
  return [...new Map(actors.map((actor) => [`${actor.aggregate}/${actor.id}`, actor])).values()];
}
