import { linkTo } from '../../app/place.js';
import type { Page as PageOf } from '../../data/answers.js';
import type { Saga } from '../../data/saga-answers.js';
import { useQuery } from '../../data/use-query.js';
import { count } from '../../format/numbers.js';
import { counted } from '../../format/words.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Page } from '../../parts/page.js';
import { Empty, Loaded } from '../../parts/states.js';

const FRESH_MS = 3000;

/** Pixels from which on there is room for those that are over. */
const FROM = { active: 0, parked: 0, done: 340, cancelled: 480 };

const COLUMNS: readonly Column<Saga>[] = [
  {
    title: 'Saga',
    width: 'minmax(6rem, 2fr)',
    cell: ({ name }) => <a href={linkTo(['sagas', name])}>{name}</a>,
  },
  ...(['active', 'parked', 'done', 'cancelled'] as const).map(
    (status): Column<Saga> => ({
      ...{ title: `${status.charAt(0).toUpperCase()}${status.slice(1)}`, isFigure: true },
      ...{ width: 'minmax(3.5rem, 1fr)', from: FROM[status] },
      cell: (saga) => <Instances saga={saga} status={status} />,
    }),
  ),
  {
    ...{ title: 'Time', from: 620, width: 'minmax(6rem, 1fr)' },
    cell: ({ time }) => (time === 'wall' ? 'by the clock' : 'by events'),
  },
  {
    ...{ title: 'Machine', from: 560, width: 'minmax(5rem, 1fr)' },
    cell: ({ name, version }) => <a href={linkTo(['machines', name])}>version {version}</a>,
  },
];

/** All sagas, and how many of their instances are how far. */
export function SagasPage() {
  const sagas = useQuery<PageOf<Saga>>('/inspect/sagas?limit=1000', { everyMs: FRESH_MS });
  return (
    <Page title="Sagas" lead={sagas.data ? counted(sagas.data.items.length, 'saga') : '\u00a0'}>
      <Loaded query={sagas} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="There is no saga" />
          ) : (
            <div class="panel panel-flush">
              <DataTable label="Sagas" columns={COLUMNS} rows={items} keyOf={({ name }) => name} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function Instances({ saga: { name, instances }, status }: { saga: Saga; status: string }) {
  const number = instances[status] ?? 0;
  if (number === 0) return <span class="zero">0</span>;
  return (
    <a href={linkTo(['sagas', name], { status })} aria-label={`${count(number)} ${status}`}>
      {count(number)}
    </a>
  );
}
