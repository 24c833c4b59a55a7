import { linkTo } from '../../app/place.js';
import { type History, history } from '../../data/history.js';
import { live } from '../../data/live.js';
import { useStore } from '../../data/store.js';
import { bytes } from '../../format/bytes.js';
import { compact, count, perSecond } from '../../format/numbers.js';
import { duration, zoneAt } from '../../format/times.js';
import { type Figure, Figures } from '../../parts/figures.js';
import { Page } from '../../parts/page.js';
import { Failed, Loading, Stale } from '../../parts/states.js';
import { Attention } from './attention.js';
import { Trends } from './trends.js';

/** What the runtime does as a whole, and what of it wants to be looked at. */
export function OverviewPage() {
  const seen = useStore(history);
  const { subscriptions, sagas } = useStore(live);
  const { last, problem } = seen;
  if (!last)
    return (
      <Page title="Overview">{problem ? <Failed problem={problem} /> : <Loading rows={6} />}</Page>
    );
  return (
    <Page
      title="Overview"
      lead={`Since this page was opened, ten minutes at most; times are ${zoneAt(last.at)}`}
    >
      <Stale problem={problem} />
      <Figures figures={figuresOf(seen)} />
      <Attention
        shards={last.shards}
        subscriptions={[...subscriptions.values()]}
        sagas={[...sagas.values()]}
      />
      <Trends samples={seen.samples} />
    </Page>
  );
}

function figuresOf({ last, samples }: History): readonly Figure[] {
  const now = samples.at(-1) ?? undefined;
  const shards = last?.shards ?? [];
  const down = shards.filter(({ condition }) => condition !== 'running').length;
  const waiting = shards.reduce((sum, { mailbox }) => sum + mailbox.commands, 0);
  const heap = shards.reduce((sum, { heapUsed }) => sum + heapUsed, 0);
  const actors = shards.reduce((sum, one) => sum + one.actors, 0);
  return [
    {
      label: 'Commands',
      value: perSecond(now && now.accepted + now.rejected),
      unit: '/s',
      note: 'answered',
    },
    {
      ...{ label: 'Errors', value: perSecond(now?.errors), unit: '/s' },
      ...{ note: 'refused or failed', tone: now && now.errors > 0 ? 'bad' : 'quiet' },
    },
    { label: 'Latency, p50', value: duration(now?.p50), note: `p99 ${duration(now?.p99)}` },
    {
      ...{ label: 'Waiting', value: compact(waiting), note: 'in mailboxes' },
      href: linkTo(['actors'], { sort: 'mailbox' }),
    },
    { label: 'Live actors', value: compact(actors), note: 'in memory', href: linkTo(['actors']) },
    { label: 'Lag', value: compact(last?.lag), note: 'positions, at most' },
    {
      ...{ label: 'Shards', value: count(shards.length), href: linkTo(['shards']) },
      ...{
        note: down > 0 ? `${down} not running` : 'all running',
        tone: down > 0 ? 'bad' : 'quiet',
      },
    },
    { label: 'Heap', value: bytes(heap), note: 'of all shards' },
  ];
}
