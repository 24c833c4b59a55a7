import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { LogEvent } from '../../data/answers.js';
import { count } from '../../format/numbers.js';
import type { Column } from '../../parts/data-table.js';
import { At } from '../../parts/when.js';

/** Columns of a list of events of any stream. */
export const EVENT_COLUMNS: readonly Column<LogEvent>[] = [
  {
    title: 'Position',
    isFigure: true,
    width: '6rem',
    from: 480,
    cell: ({ position }) => count(position),
  },
  {
    title: 'Event',
    width: 'minmax(7rem, 1.5fr)',
    cell: ({ type, position }) => (
      <button type="button" class="link" onClick={() => setQuery({ event: position })}>
        {type}
      </button>
    ),
  },
  {
    title: 'Of',
    width: 'minmax(7rem, 2fr)',
    cell: ({ aggregate, id }) => (
      <a href={linkTo(['actors', aggregate, id])}>
        {id} <span class="note">{aggregate}</span>
      </a>
    ),
  },
  { title: 'Version', isFigure: true, from: 720, cell: ({ version }) => count(version) },
  {
    title: 'Data',
    width: 'minmax(6rem, 3fr)',
    from: 640,
    cell: ({ data }) => <code class="note">{JSON.stringify(data)}</code>,
  },
  {
    title: 'Stored',
    isFigure: true,
    width: '8.5rem',
    from: 560,
    cell: ({ recordedAt }) => <At at={recordedAt} />,
  },
];
