import { useRef, useState } from 'preact/hooks';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import { live } from '../../data/live.js';
import { MOST_TAILED } from '../../data/newest-events.js';
import { type Tail, type TailOptions, useTail } from '../../data/tail.js';
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
  const settled = useSettled(JSON.stringify(filter));
  const field = (name: keyof typeof filter, label: string) => ({
    ...{ label, value: filter[name] },
    onChange: (text: string) => setQuery({ [name]: text }),
  });
  return (
    <>
      <Filters>
        <TextField {...field('aggregate', 'Aggregate')} />
        <TextField {...field('id', 'Id')} />
        <TextField {...field('type', 'Type')} />
      </Filters>
      <Following filter={JSON.parse(settled) as typeof filter} asked={query.get('event')} />
    </>
  );
}

/** Nothing moves while it is paused, under the pointer or the focus, or while one reads an event. */
function Following({ filter, asked }: { filter: TailOptions['filter']; asked: string | null }) {
  const [after] = useState(startOfTail);
  const [isPaused, setPaused] = useState(false);
  const [isHeld, setHeld] = useState(false);
  const isReading = useRef(false);
  const isResting = isPaused || isHeld || isReading.current;
  const tail = useTail({ filter, after, isPaused: isResting });
  const chosen = tail.events.find(({ position }) => String(position) === asked);
  isReading.current = chosen !== undefined;
  const hold = { onMouseEnter: () => setHeld(true), onFocusIn: () => setHeld(true) };
  const letGo = { onMouseLeave: () => setHeld(false), onFocusOut: () => setHeld(false) };
  return (
    <>
      <p class="actions tail-state">
        <Status
          value={tail.state === 'open' ? 'following' : tail.state}
          tone={toneOf(tail.state)}
        />
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        {isResting && tail.held > 0 && (
          <span class="note">
            {tail.held < MOST_TAILED ? tail.held : `${MOST_TAILED} or more`} newer
          </span>
        )}
      </p>
      <Missed tail={tail} />
      {chosen && <EventDetail event={chosen} close={() => setQuery({ event: undefined })} />}
      <div role="group" aria-label="Events" {...hold} {...letGo}>
        <Events tail={tail} isCurrent={(event) => event === chosen} />
      </div>
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
