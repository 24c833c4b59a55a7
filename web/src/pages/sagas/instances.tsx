import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import { pathOf } from '../../data/api.js';
import type { SagaItem } from '../../data/saga-answers.js';
import { usePages } from '../../data/use-pages.js';
import { count } from '../../format/numbers.js';
import type { Column } from '../../parts/data-table.js';
import { Filters, SelectField } from '../../parts/fields.js';
import { Following } from '../../parts/following.js';
import { Page } from '../../parts/page.js';
import { PagedTable } from '../../parts/paged-table.js';
import { Status } from '../../parts/status.js';
import { useSettled, When } from '../../parts/when.js';
import { valueText } from './machine-value.js';
import { SagaTabs } from './saga-tabs.js';

const PAGE = 200;
const STATUSES = ['active', 'parked', 'done', 'cancelled'];
/** As the server sorts, and in which direction: newest and soonest first. */
const SORTS = [
  ['startedAt', 'newest first'],
  ['nextDue', 'next due first'],
  ['key', 'id'],
] as const;

function columnsOf(saga: string): readonly Column<SagaItem>[] {
  return [
    {
      title: 'Instance',
      width: 'minmax(6rem, 2fr)',
      cell: ({ id }) => <a href={linkTo(['sagas', saga, id])}>{id}</a>,
    },
    {
      title: 'Status',
      width: 'minmax(5.5rem, 1fr)',
      cell: ({ status }) => <Status value={status} />,
    },
    {
      title: 'Is in',
      width: 'minmax(7rem, 3fr)',
      from: 560,
      cell: ({ value }) => valueText(value),
    },
    { title: 'Steps', isFigure: true, from: 680, cell: ({ step }) => count(step) },
    {
      title: 'Next due',
      width: 'minmax(4.5rem, 1fr)',
      cell: (item) => <NextDue item={item} />,
    },
    {
      title: 'Begun',
      width: 'minmax(5.5rem, 1fr)',
      from: 480,
      cell: ({ startedAt }) => <When at={startedAt} />,
    },
  ];
}

/** Instances of one saga. */
export function InstancesPage({ params: { saga = '' }, query }: PageProps) {
  const asked = {
    status: query.get('status') ?? '',
    sort: query.get('sort') ?? 'startedAt',
  };
  const order = asked.sort === 'startedAt' ? 'desc' : 'asc';
  const path = pathOf(['inspect', 'sagas', saga], { ...asked, order, limit: PAGE });
  const list = usePages<SagaItem>(useSettled(path));
  return (
    <Page title={saga} lead="A moment behind the log" actions={<Following list={list} />}>
      <SagaTabs saga={saga} current="instances" />
      <Filters>
        <SelectField
          label="Status"
          value={asked.status}
          onChange={(value) => setQuery({ status: value })}
          options={[['', 'any'], ...STATUSES.map((it) => [it, it] as const)]}
        />
        <SelectField
          label="Sort by"
          value={asked.sort}
          onChange={(value) => setQuery({ sort: value })}
          options={SORTS}
        />
      </Filters>
      <PagedTable
        label={`Instances of ${saga}`}
        list={list}
        columns={columnsOf(saga)}
        keyOf={({ id }) => id}
        empty="No instance fits"
      />
    </Page>
  );
}

function NextDue({ item: { status, timers } }: { item: SagaItem }) {
  const due = Math.min(...timers.map((timer) => timer.due));
  if (status !== 'active' || !Number.isFinite(due)) return <span class="zero">–</span>;
  return <When at={due} />;
}
