import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { LogEvent } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { dateAndTime, duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EventDetail } from '../../parts/event-detail.js';
import { Page } from '../../parts/page.js';
import { Empty, Loaded } from '../../parts/states.js';

interface TreeNode {
  readonly kind: 'command' | 'event';
  readonly key: string;
  readonly depth: number;
}

interface Correlation {
  readonly items: readonly LogEvent[];
  readonly tree: readonly TreeNode[];
  readonly next?: number;
  readonly index: { readonly lag: number; readonly state: string };
}

/** A line of the tree: a command with its first event, or an event. */
interface Line extends TreeNode {
  readonly event: LogEvent;
  readonly startedAt: number;
}

/** How far lines go in; deeper ones no further, or nothing would be left of them on a phone. */
const DEEPEST = 12;

const COLUMNS: readonly Column<Line>[] = [
  { title: 'What caused what', width: 'minmax(10rem, 4fr)', cell: (line) => <What line={line} /> },
  {
    title: 'Of',
    width: 'minmax(7rem, 2fr)',
    from: 520,
    cell: ({ event: { aggregate, id } }) => (
      <a href={linkTo(['actors', aggregate, id])}>
        {id} <span class="note">{aggregate}</span>
      </a>
    ),
  },
  {
    title: 'Version',
    isFigure: true,
    from: 680,
    cell: ({ kind, event }) => (kind === 'event' ? event.version : ''),
  },
  {
    title: 'After',
    isFigure: true,
    from: 400,
    cell: ({ event, startedAt }) => duration(event.recordedAt - startedAt),
  },
];

/** A conversation: what one command caused, as a tree. */
export function CorrelationPage({ params: { id = '' }, query }: PageProps) {
  const found = useQuery<Correlation>(pathOf(['inspect', 'correlations', id], { limit: 1000 }), {
    everyMs: 5000,
  });
  return (
    <Page title="Conversation" lead={<code>{id}</code>}>
      <Loaded query={found} rows={8}>
        {(answer) => <Conversation found={answer} chosen={query.get('event')} />}
      </Loaded>
    </Page>
  );
}

function Conversation({ found, chosen }: { found: Correlation; chosen: string | null }) {
  const lines = linesOf(found);
  const event = found.items.find(({ eventId }) => eventId === chosen);
  const { lag } = found.index;
  const [first] = lines;
  if (!first)
    return (
      <Empty title="There is no such conversation">
        No event of the log has this correlation id
        {lag > 0 && `, but its index is ${counted(lag, 'position')} behind`}.
      </Empty>
    );
  return (
    <>
      <p class="note">
        {counted(found.items.length, 'event')} since {dateAndTime(first.startedAt)}
        {found.next !== undefined && ': the first thousand'}
        {lag > 0 && `; the index is ${counted(lag, 'position')} behind the log`}
      </p>
      {event && <EventDetail event={event} close={() => setQuery({ event: undefined })} />}
      <div class="panel panel-flush part">
        <DataTable
          label="What caused what"
          columns={COLUMNS}
          rows={lines}
          keyOf={({ key }) => key}
          isCurrent={({ key }) => key === chosen}
        />
      </div>
    </>
  );
}

function What({ line: { kind, key, depth, event } }: { line: Line }) {
  return (
    <span class={`tree-line tree-${kind}`} style={{ '--depth': String(Math.min(depth, DEEPEST)) }}>
      {kind === 'event' ? (
        <button type="button" class="link" onClick={() => setQuery({ event: key })}>
          {event.type}
        </button>
      ) : (
        <a href={linkTo(['events', 'commands', key])}>
          command <code>{key.slice(-12)}</code>
        </a>
      )}
      <span class="visually-hidden"> at depth {depth}</span>
    </span>
  );
}

function linesOf({ items, tree }: Correlation): readonly Line[] {
  const byEvent = new Map(items.map((event) => [event.eventId, event]));
  const byCommand = new Map([...items].reverse().map((event) => [event.commandId, event]));
  const startedAt = Math.min(...items.map(({ recordedAt }) => recordedAt));
  return tree.flatMap((node) => {
    const event = (node.kind === 'event' ? byEvent : byCommand).get(node.key);
    return event ? [{ ...node, event, startedAt }] : [];
  });
}
