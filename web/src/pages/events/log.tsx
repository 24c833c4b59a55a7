import { setQuery } from '../../app/router.js';
import type { LogEvent, LogPage } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { usePages } from '../../data/use-pages.js';
import { EventDetail } from '../../parts/event-detail.js';
import { Filters, TextField } from '../../parts/fields.js';
import { PagedTable } from '../../parts/paged-table.js';
import { useSettled } from '../../parts/when.js';
import { EVENT_COLUMNS } from './columns.js';

const PAGE = 200;

/** The log from a position on, oldest first. */
export function LogTab({ query }: { query: URLSearchParams }) {
  const asked = { aggregate: query.get('aggregate') ?? '', type: query.get('type') ?? '' };
  const after = query.get('after') ?? '';
  const path = useSettled(pathOf(['inspect', 'events'], { ...asked, limit: PAGE }));
  const start = useSettled(/^\d+$/.test(after) ? Number(after) : undefined);
  const list = usePages<LogEvent, LogPage>(path, start);
  const chosen = list.items.find(({ position }) => String(position) === query.get('event'));
  return (
    <>
      <Filters>
        <TextField
          label="Aggregate"
          value={asked.aggregate}
          onChange={(text) => setQuery({ aggregate: text })}
        />
        <TextField label="Type" value={asked.type} onChange={(text) => setQuery({ type: text })} />
        <TextField
          label="After position"
          type="number"
          min={0}
          value={after}
          onChange={(text) => setQuery({ after: text })}
        />
      </Filters>
      {chosen && <EventDetail event={chosen} close={() => setQuery({ event: undefined })} />}
      <PagedTable
        label="Events by position"
        list={list}
        columns={EVENT_COLUMNS}
        keyOf={({ position }) => position}
        isCurrent={(event) => event === chosen}
        empty="No event fits"
      />
    </>
  );
}
