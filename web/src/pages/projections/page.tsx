import type { ComponentChildren } from 'preact';
import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { Page as PageOf } from '../../data/answers.js';
import type { Follower, Projection } from '../../data/follower-answers.js';
import { useQuery } from '../../data/use-query.js';
import { count, NONE, perSecond } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Filters, SelectField } from '../../parts/fields.js';
import { Page } from '../../parts/page.js';
import { Empty, Loaded } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { kindOf } from './kind.js';
import { OneFollower } from './one.js';

const FRESH_MS = 2000;

type Row = Follower & Partial<Projection>;

const COLUMNS: readonly Column<Row>[] = [
  {
    title: 'Subscription',
    width: 'minmax(6rem, 2.5fr)',
    cell: ({ name }) => <a href={linkTo(['projections', name])}>{name}</a>,
  },
  { title: 'Kind', width: 'minmax(5.5rem, 1fr)', from: 620, cell: kindOf },
  {
    title: 'State',
    width: 'minmax(6rem, 1.2fr)',
    cell: ({ state, parked }) => (
      <Status value={parked > 0 && state === 'live' ? 'parked' : state} />
    ),
  },
  {
    title: 'Behind',
    isFigure: true,
    width: 'minmax(3.5rem, 1fr)',
    cell: ({ lag }) => zeroOr(lag, count),
  },
  {
    title: 'For',
    isFigure: true,
    from: 480,
    cell: ({ lagSeconds }) => (lagSeconds ? duration(lagSeconds * 1000) : NONE),
  },
  {
    title: 'Positions/s',
    isFigure: true,
    width: 'minmax(5.5rem, 1fr)',
    from: 720,
    cell: ({ positionsPerSecond }) => perSecond(positionsPerSecond),
  },
  { title: 'Parked', isFigure: true, from: 560, cell: parkedIn },
  { title: 'Position', isFigure: true, from: 820, cell: ({ position }) => count(position) },
];

/** All that follow the log, or one of them. */
export function ProjectionsPage({ params, query }: PageProps) {
  const { name } = params;
  return name === undefined ? <AllFollowers query={query} /> : <OneFollower name={name} />;
}

function AllFollowers({ query }: { query: URLSearchParams }) {
  const kind = query.get('kind') ?? '';
  const all = useQuery<PageOf<Follower>>('/inspect/subscriptions?limit=1000', {
    everyMs: FRESH_MS,
  });
  const own = useQuery<PageOf<Projection>>('/inspect/projections?limit=1000', {
    everyMs: FRESH_MS,
  });
  const known = new Map(own.data?.items.map((it) => [it.name, it]));
  const rows = (all.data?.items ?? []).map((it): Row => ({ ...known.get(it.name), ...it }));
  const kinds = [...new Set(rows.map(kindOf))].sort();
  const shown = rows.filter((it) => kind === '' || kindOf(it) === kind);
  return (
    <Page
      title="Projections"
      lead={
        all.data
          ? `${counted(rows.length, 'subscription')}; how far behind is in positions of the log`
          : '\u00a0'
      }
    >
      <Filters>
        <SelectField
          label="Kind"
          value={kind}
          onChange={(value) => setQuery({ kind: value })}
          options={[['', 'any'], ...kinds.map((it) => [it, it] as const)]}
        />
      </Filters>
      <Loaded query={all} rows={8}>
        {() =>
          shown.length === 0 ? (
            <Empty title={rows.length === 0 ? 'Nothing follows the log' : 'None fits'} />
          ) : (
            <div class="panel panel-flush">
              <DataTable
                label="Subscriptions"
                columns={COLUMNS}
                rows={shown}
                keyOf={(it) => it.name}
              />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function parkedIn({ name, parked }: Row) {
  return zeroOr(parked, (value) => (
    <a href={linkTo(['dead-letters'], { subscription: name })}>{count(value)}</a>
  ));
}

function zeroOr(value: number, shown: (value: number) => ComponentChildren) {
  return value === 0 ? <span class="zero">0</span> : shown(value);
}
