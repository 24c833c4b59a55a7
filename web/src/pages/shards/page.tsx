import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import type { Shard } from '../../data/answers.js';
import { history } from '../../data/history.js';
import { useStore } from '../../data/store.js';
import { bytes } from '../../format/bytes.js';
import { compact, count } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import type { Column } from '../../parts/data-table.js';
import { DataTable } from '../../parts/data-table.js';
import { Page } from '../../parts/page.js';
import { Failed, Loading, Stale } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { Heat } from './heat.js';
import { ShardDetail } from './shard-detail.js';

const COLUMNS: readonly Column<Shard>[] = [
  {
    title: 'Shard',
    width: '4.5rem',
    cell: ({ shard }) => <a href={linkTo(['shards', String(shard)])}>{shard}</a>,
  },
  {
    title: 'Condition',
    width: 'minmax(6rem, 1.2fr)',
    cell: ({ condition }) => <Status value={condition} />,
  },
  { title: 'Waiting', isFigure: true, cell: ({ mailbox }) => compact(mailbox.commands) },
  { title: 'In flight', isFigure: true, from: 420, cell: ({ inFlight }) => compact(inFlight) },
  { title: 'Actors', isFigure: true, from: 480, cell: ({ actors }) => compact(actors) },
  {
    title: 'Batch',
    isFigure: true,
    from: 860,
    cell: ({ batch }) => (batch ? counted(batch.rows, 'row') : <span class="zero">none</span>),
  },
  {
    title: 'Commit p99',
    isFigure: true,
    from: 640,
    cell: (it) => duration(1000 * it.commitLatency.p99),
  },
  {
    title: 'Loop p99',
    isFigure: true,
    from: 740,
    cell: (it) => duration(1000 * it.eventLoopDelay.p99),
  },
  { title: 'Heap', isFigure: true, from: 560, cell: ({ heapUsed }) => bytes(heapUsed) },
  { title: 'Restarts', isFigure: true, from: 800, cell: ({ restarts }) => count(restarts) },
];

/** The shards of this process, and where their load is. */
export function ShardsPage({ params }: PageProps) {
  const { last, heat, problem } = useStore(history);
  if (!last)
    return (
      <Page title="Shards">{problem ? <Failed problem={problem} /> : <Loading rows={6} />}</Page>
    );
  const chosen = last.shards.find(({ shard }) => String(shard) === params.shard);
  return (
    <Page
      title="Shards"
      lead={`${counted(last.shards.length, 'thread')} of this process, 256 slices`}
    >
      <Stale problem={problem} />
      <div class="panel panel-flush">
        <DataTable
          label="Shards"
          columns={COLUMNS}
          rows={last.shards}
          keyOf={({ shard }) => shard}
          isCurrent={(shard) => shard === chosen}
        />
      </div>
      {chosen && <ShardDetail shard={chosen} />}
      <Heat key={chosen?.shard} heat={heat} shards={last.shards} only={chosen} />
    </Page>
  );
}
