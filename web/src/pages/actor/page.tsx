import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import type { ActorInside } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { Page } from '../../parts/page.js';
import { Failed, Loading, Stale } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { Tabs } from '../../parts/tabs.js';
import { Acts } from './acts.js';
import { DryRunTab } from './dry-run.js';
import { EventsTab } from './events.js';
import { NowTab } from './now.js';
import { StateTab } from './state.js';

const TABS = [
  ['', 'Now'],
  ['state', 'State'],
  ['events', 'Events'],
  ['dry-run', 'Dry run'],
] as const;
const FRESH_MS = 1000;

/** One actor from inside. */
export function ActorPage({ params, query }: PageProps) {
  const { aggregate = '', id = '', tab = '' } = params;
  const found = useQuery<ActorInside>(pathOf(['inspect', 'actors', aggregate, id]), {
    everyMs: FRESH_MS,
  });
  const { data, problem, refresh } = found;
  return (
    <Page
      title={id}
      lead={data ? <Lead actor={data} /> : aggregate}
      actions={data && <Acts actor={data} onDone={refresh} />}
    >
      <Tabs
        label="Of this actor"
        current={tab}
        tabs={TABS.map(([key, text]) => ({
          ...{ key, text },
          href: linkTo(['actors', aggregate, id, ...(key === '' ? [] : [key])]),
        }))}
      />
      <Stale problem={data && problem} />
      {data ? (
        <Tab tab={tab} actor={data} query={query} />
      ) : problem ? (
        <Failed problem={problem} retry={refresh} />
      ) : (
        <Loading rows={8} />
      )}
    </Page>
  );
}

function Lead({ actor: { aggregate, status, shard, slice } }: { actor: ActorInside }) {
  return (
    <>
      <a href={linkTo(['actors'], { aggregate })}>{aggregate}</a>
      <Status value={status} />
      {shard !== undefined && <a href={linkTo(['shards', String(shard)])}>shard {shard}</a>}
      <span>slice {slice}</span>
    </>
  );
}

function Tab({ tab, actor, query }: { tab: string; actor: ActorInside; query: URLSearchParams }) {
  switch (tab) {
    case 'state':
      return <StateTab actor={actor} query={query} />;
    case 'events':
      return <EventsTab actor={actor} query={query} />;
    case 'dry-run':
      return <DryRunTab actor={actor} query={query} />;
    default:
      return <NowTab actor={actor} />;
  }
}
