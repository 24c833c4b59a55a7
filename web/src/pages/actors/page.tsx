import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { ActorPage, ListedActor } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { commandsIn, useApiDocument } from '../../data/api-document.js';
import { usePages } from '../../data/use-pages.js';
import { bytes } from '../../format/bytes.js';
import { count, NONE } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import type { Column } from '../../parts/data-table.js';
import { Filters, SelectField, TextField } from '../../parts/fields.js';
import { Following } from '../../parts/following.js';
import { Page } from '../../parts/page.js';
import { PagedTable } from '../../parts/paged-table.js';
import { Status } from '../../parts/status.js';
import { useSettled } from '../../parts/when.js';

const STATUSES = ['recovering', 'idle', 'busy', 'committing', 'backingOff', 'quarantined'];
const SORTS = [
  ['id', 'id'],
  ['mailbox', 'most waiting'],
  ['waiting', 'longest waiting'],
  ['uncommitted', 'most uncommitted'],
  ['bytes', 'largest state'],
] as const;
const PAGE = 200;

const COLUMNS: readonly Column<ListedActor>[] = [
  {
    title: 'Actor',
    width: 'minmax(6rem, 3fr)',
    cell: ({ aggregate, id }) => <a href={linkTo(['actors', aggregate, id])}>{id}</a>,
  },
  {
    title: 'Aggregate',
    width: 'minmax(5rem, 1.2fr)',
    from: 560,
    cell: ({ aggregate }) => aggregate,
  },
  {
    title: 'Status',
    width: 'minmax(6.25rem, 1.2fr)',
    cell: ({ status }) => <Status value={status} />,
  },
  { title: 'Waiting', isFigure: true, cell: ({ mailbox }) => zeroOr(mailbox, count) },
  {
    title: 'First for',
    isFigure: true,
    from: 480,
    cell: ({ headAgeMs }) => (headAgeMs ? duration(headAgeMs) : NONE),
  },
  {
    title: 'Uncommitted',
    isFigure: true,
    width: 'minmax(6rem, 1fr)',
    from: 720,
    cell: ({ uncommitted }) => zeroOr(uncommitted, count),
  },
  { title: 'Version', isFigure: true, from: 640, cell: ({ version }) => count(version) },
  { title: 'State', isFigure: true, from: 820, cell: (it) => (it.bytes ? bytes(it.bytes) : NONE) },
  {
    title: 'Shard',
    isFigure: true,
    from: 900,
    cell: ({ shard }) => <a href={linkTo(['shards', String(shard)])}>{shard}</a>,
  },
];

/** Live actors, searched for on the server. */
export function ActorsPage({ query }: PageProps) {
  const asked = {
    aggregate: query.get('aggregate') ?? '',
    idPrefix: query.get('idPrefix') ?? '',
    status: query.get('status') ?? '',
    minMailbox: query.get('minMailbox') ?? '',
    sort: query.get('sort') ?? 'id',
  };
  const path = useSettled(pathOf(['inspect', 'actors'], { ...asked, limit: PAGE }));
  const list = usePages<ListedActor, ActorPage>(path);
  const total = list.last?.total;
  const silent = list.last?.silent ?? [];
  return (
    <Page
      title="Actors"
      lead={total === undefined ? '\u00a0' : `${counted(total, 'actor')} in memory`}
      actions={<Following list={list} />}
    >
      <ActorFilters {...asked} />
      {silent.length > 0 && (
        <p class="notice notice-bad" role="status">
          {counted(silent.length, 'shard')} shows no sign of life, its actors are missing:{' '}
          {silent.join(', ')}
        </p>
      )}
      <PagedTable
        label="Live actors"
        list={list}
        columns={COLUMNS}
        keyOf={({ aggregate, id }) => `${aggregate}/${id}`}
        total={total}
        empty="No actor in memory fits"
        hint={<NotInMemory aggregate={asked.aggregate} id={asked.idPrefix} />}
      />
    </Page>
  );
}

/** An actor that is not in memory can be looked at all the same. */
function NotInMemory({ aggregate, id }: { aggregate: string; id: string }) {
  if (aggregate === '' || id === '')
    return <>One that is not in memory is found by its aggregate and its whole id.</>;
  return (
    <>
      It may not be in memory:{' '}
      <a href={linkTo(['actors', aggregate, id])}>{`${aggregate}/${id}`}</a>
    </>
  );
}

function ActorFilters(asked: {
  aggregate: string;
  idPrefix: string;
  status: string;
  minMailbox: string;
  sort: string;
}) {
  const { data } = useApiDocument();
  const names = Object.keys(commandsIn(data));
  const field = (name: keyof typeof asked, label: string) => ({
    ...{ label, value: asked[name] },
    onChange: (value: string) => setQuery({ [name]: value }),
  });
  const any = ['', 'any'] as const;
  const choices =
    asked.aggregate === '' || names.includes(asked.aggregate) ? names : [asked.aggregate, ...names];
  return (
    <Filters>
      <SelectField
        {...field('aggregate', 'Aggregate')}
        options={[any, ...choices.map((name) => [name, name] as const)]}
      />
      <TextField {...field('idPrefix', 'Id begins with')} type="search" />
      <SelectField
        {...field('status', 'Status')}
        options={[any, ...STATUSES.map((name) => [name, name] as const)]}
      />
      <TextField {...field('minMailbox', 'Waiting at least')} type="number" min={0} />
      <SelectField {...field('sort', 'Sort by')} options={SORTS} />
    </Filters>
  );
}

function zeroOr(value: number, format: (value: number) => string) {
  return value === 0 ? <span class="zero">0</span> : format(value);
}
