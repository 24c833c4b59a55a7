import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { Json, PlainError } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { commandsIn, useApiDocument } from '../../data/api-document.js';
import { live } from '../../data/live.js';
import { useStore } from '../../data/store.js';
import { usePages } from '../../data/use-pages.js';
import { counted, delayName } from '../../format/words.js';
import type { Column } from '../../parts/data-table.js';
import { Filters, SelectField } from '../../parts/fields.js';
import { Following } from '../../parts/following.js';
import { Page } from '../../parts/page.js';
import { PagedTable } from '../../parts/paged-table.js';
import { Status } from '../../parts/status.js';
import { useSettled, When } from '../../parts/when.js';

interface Timer {
  readonly aggregate: string;
  readonly id: string;
  readonly key: string;
  readonly dueAt: number;
  readonly command: { readonly type: string; readonly data: Json };
  readonly failure?: PlainError;
}

const PAGE = 200;
/** It may be on its way for so long after it was due. */
const LATE_MS = 3000;

const COLUMNS: readonly Column<Timer>[] = [
  { title: 'Due', width: 'minmax(4.5rem, 1fr)', cell: ({ dueAt }) => <When at={dueAt} /> },
  {
    title: 'Standing',
    width: 'minmax(5rem, 1fr)',
    cell: (timer) => <Status {...standingOf(timer)} />,
  },
  {
    title: 'Of',
    width: 'minmax(6rem, 3fr)',
    cell: ({ aggregate, id }) => {
      const saga = sagaOf(aggregate);
      const path = saga === undefined ? ['actors', aggregate, id] : ['sagas', saga, id];
      return <a href={linkTo(path)}>{id}</a>;
    },
  },
  {
    title: 'Aggregate or saga',
    width: 'minmax(8rem, 1.5fr)',
    from: 640,
    cell: ({ aggregate }) => sagaOf(aggregate) ?? aggregate,
  },
  {
    title: 'Key',
    width: 'minmax(7rem, 1.5fr)',
    from: 760,
    cell: ({ key }) => <span title={key}>{delayName(key)}</span>,
  },
  {
    title: 'Command',
    width: 'minmax(6rem, 1.5fr)',
    from: 480,
    cell: ({ aggregate, command, failure }) =>
      failure?.message ?? (sagaOf(aggregate) === undefined ? command.type : 'the next step'),
  },
];

/** Timers that are armed, those that are due next first. */
export function TimersPage({ query }: PageProps) {
  const aggregate = query.get('aggregate') ?? '';
  const list = usePages<Timer>(
    useSettled(pathOf(['inspect', 'timers'], { aggregate, limit: PAGE })),
  );
  const late = list.items.filter((timer) => standingOf(timer).value === 'overdue').length;
  const { data } = useApiDocument();
  const names = Object.keys(commandsIn(data));
  const sagas = [...useStore(live).sagas.keys()];
  return (
    <Page
      title="Timers"
      lead={late === 0 ? 'Of aggregates and sagas' : `${counted(late, 'timer')} overdue`}
      actions={<Following list={list} />}
    >
      <Filters>
        <SelectField
          label="Aggregate or saga"
          value={aggregate}
          onChange={(value) => setQuery({ aggregate: value })}
          options={[
            ['', 'any'],
            ...names.map((name) => [name, name] as const),
            ...sagas.map((name) => [`$saga/${name}`, name] as const),
          ]}
        />
      </Filters>
      <PagedTable
        label="Timers"
        list={list}
        columns={COLUMNS}
        keyOf={(it) => `${it.aggregate}/${it.id}/${it.key}`}
        empty="No timer is armed"
      />
    </Page>
  );
}

/** Timers of sagas are those of their streams. */
function sagaOf(aggregate: string): string | undefined {
  return /^\$saga\/(.*)$/.exec(aggregate)?.[1];
}

function standingOf({ dueAt, failure }: Timer) {
  if (failure) return { value: 'failed' } as const;
  const late = Date.now() - dueAt;
  if (late > LATE_MS) return { value: 'overdue', tone: 'bad' } as const;
  return late > 0 ? ({ value: 'due', tone: 'busy' } as const) : ({ value: 'armed' } as const);
}
