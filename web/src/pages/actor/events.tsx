import { setQuery } from '../../app/router.js';
import type { ActorInside, LogEvent, LogPage } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { usePages } from '../../data/use-pages.js';
import { count } from '../../format/numbers.js';
import { dateAndTime } from '../../format/times.js';
import type { Column } from '../../parts/data-table.js';
import { EventDetail } from '../../parts/event-detail.js';
import { PagedTable } from '../../parts/paged-table.js';

const PAGE = 200;

const COLUMNS: readonly Column<LogEvent>[] = [
  { title: 'Version', isFigure: true, width: '5rem', cell: ({ version }) => count(version) },
  {
    title: 'Event',
    width: 'minmax(7rem, 2fr)',
    cell: ({ type, version }) => (
      <button type="button" class="link" onClick={() => setQuery({ event: version })}>
        {type}
      </button>
    ),
  },
  {
    title: 'Data',
    width: 'minmax(6rem, 5fr)',
    from: 520,
    cell: ({ data }) => <code class="note">{JSON.stringify(data)}</code>,
  },
  {
    title: 'Happened',
    width: '15.5rem',
    from: 820,
    cell: ({ occurredAt }) => dateAndTime(occurredAt),
  },
  { title: 'Position', isFigure: true, from: 900, cell: ({ position }) => count(position) },
];

/** Its stream, from a version on. */
export function EventsTab({ actor, query }: { actor: ActorInside; query: URLSearchParams }) {
  const { aggregate, id, stream } = actor;
  const from = Number(query.get('from') ?? 1);
  const path = pathOf(['inspect', 'actors', aggregate, id, 'events'], { limit: PAGE });
  const first = Math.max(0, (Number.isInteger(from) ? from : 1) - 1);
  const list = usePages<LogEvent, LogPage>(path, first === 0 ? undefined : first);
  const chosen = list.items.find(({ version }) => String(version) === query.get('event'));
  const recent = Math.max(1, stream.version - PAGE + 1);
  return (
    <>
      <p class="actions tail-state">
        {recent > 1 && (
          <button
            type="button"
            onClick={() => setQuery({ from: from === recent ? undefined : recent })}
          >
            {from > 1 ? 'From the first' : `The last ${PAGE}`}
          </button>
        )}
        <button type="button" onClick={list.refresh}>
          Look again
        </button>
      </p>
      {chosen && <EventDetail event={chosen} close={() => setQuery({ event: undefined })} />}
      <PagedTable
        label="Events"
        list={list}
        columns={COLUMNS}
        keyOf={({ position }) => position}
        isCurrent={(event) => event === chosen}
        total={stream.version - first}
        empty="There are no events of it"
      />
    </>
  );
}
