import { useState } from 'preact/hooks';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import { live } from '../../data/live.js';
import { MOST_TAILED } from '../../data/newest-events.js';
import { type Tail, useTail } from '../../data/tail.js';
import { count } from '../../format/numbers.js';
import { counted, toneOf } from '../../format/words.js';
import { DataTable } from '../../parts/data-table.js';
import { EventDetail } from '../../parts/event-detail.js';
import { Filters, TextField } from '../../parts/fields.js';
import { Empty, Failed } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { useSettled } from '../../parts/when.js';
import { EVENT_COLUMNS } from './columns.js';

/** Events before now that a tail begins with, where the end of the log is known. */
const BEFORE = 100;

/** The log as it grows, newest first. */
export function TailTab({ query }: { query: URLSearchParams }) {
  const filter = {
    aggregate: query.get('aggregate') ?? '',
    type: query.get('type') ?? '',
    id: query.get('id') ?? '',
  };
  const [isPaused, setPaused] = useState(false);
  const [after] = useState(startOfTail);
  const settled = useSettled(JSON.stringify(filter));
  const tail = useTail({ filter: JSON.parse(settled) as typeof filter, after, isPaused });
  const chosen = tail.events.find(({ position }) => String(position) === query.get('event'));
  return (
    <>
      <Filters>
        <TextField
          label="Aggregate"
          value={filter.aggregate}
          onChange={(text) => setQuery({ aggregate: text })}
        />
        <TextField label="Id" value={filter.id} onChange={(text) => setQuery({ id: text })} />
        <TextField label="Type" value={filter.type} onChange={(text) => setQuery({ type: text })} />
      </Filters>
      <p class="actions tail-state">
        <Status
          value={tail.state === 'open' ? 'following' : tail.state}
          tone={toneOf(tail.state)}
        />
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        {isPaused && tail.held > 0 && <span class="note">{counted(tail.held, 'event')} since</span>}
      </p>
      <Missed tail={tail} />
      {chosen && <EventDetail event={chosen} close={() => setQuery({ event: undefined })} />}
      <Events tail={tail} isCurrent={(event) => event === chosen} />
    </>
  );
}

function Events({
  tail,
  isCurrent,
}: {
  tail: Tail;
  isCurrent: (event: Tail['events'][number]) => boolean;
}) {
  const { events, problem, state } = tail;
  if (events.length === 0 && problem) return <Failed problem={problem} />;
  if (events.length === 0)
    return (
      <Empty title={state === 'open' ? 'Nothing has been stored yet' : 'Connecting'}>
        What is stored from now on, and fits, is shown here.
      </Empty>
    );
  return (
    <>
      <div class="panel panel-flush">
        <DataTable
          label="Events, newest first"
          columns={EVENT_COLUMNS}
          rows={events}
          keyOf={({ position }) => position}
          isCurrent={isCurrent}
        />
      </div>
      <p class="note">
        {events.length < MOST_TAILED
          ? counted(events.length, 'event')
          : `the last ${MOST_TAILED} events`}
      </p>
    </>
  );
}

function Missed({ tail: { missedAfter } }: { tail: Tail }) {
  if (missedAfter === undefined) return null;
  return (
    <p class="notice notice-warn" role="status">
      The log grows faster than it was shown, and some of it was left out.{' '}
      <a href={linkTo(['events', 'log'], { after: missedAfter })}>
        The log after position {count(missedAfter)}
      </a>
    </p>
  );
}

/** A little before the end of the log, as far as a subscription tells where that is. */
function startOfTail(): number | undefined {
  const ends = [...live.get().subscriptions.values()].map(({ position, lag }) => position + lag);
  return ends.length === 0 ? undefined : Math.max(0, Math.max(...ends) - BEFORE);
}
