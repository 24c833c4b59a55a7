import { linkTo } from '../../app/place.js';
import type { Page as PageOf, ParkedEvent } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { hasVerbs, useApiDocument } from '../../data/api-document.js';
import type { Follower, Projection, RebuildProgress } from '../../data/follower-answers.js';
import { useQuery } from '../../data/use-query.js';
import { count, perSecond, share } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { Figures } from '../../parts/figures.js';
import { Page, Panel } from '../../parts/page.js';
import { ParkedStreams } from '../../parts/parked-streams.js';
import { Failed, Loading, Stale } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { type Verb, VerbButton } from '../../parts/verb-button.js';
import { kindOf } from './kind.js';

const FRESH_MS = 1000;

type Known = Follower & Partial<Projection>;

/** One subscription: how far it is, what holds it up, and what may be done about it. */
export function OneFollower({ name }: { name: string }) {
  const one = useQuery<Follower>(pathOf(['inspect', 'subscriptions', name]), { everyMs: FRESH_MS });
  const own = useQuery<PageOf<Projection>>(
    pathOf(['inspect', 'projections'], { prefix: name, limit: 1000 }),
    { everyMs: FRESH_MS },
  );
  const parked = useQuery<PageOf<ParkedEvent>>(
    pathOf(['inspect', 'subscriptions', name, 'parked'], { open: 'true', limit: 100 }),
    { everyMs: 2 * FRESH_MS },
  );
  const known = own.data?.items.find((it) => it.name === name);
  const it: Known | undefined = one.data && { ...known, ...one.data };
  const refresh = () => {
    one.refresh();
    parked.refresh();
  };
  return (
    <Page
      title={name}
      lead={it ? <Lead it={it} /> : '\u00a0'}
      actions={it && <Acts it={it} onDone={refresh} />}
    >
      <Stale problem={it && one.problem} />
      {it ? (
        <Standing it={it} parked={parked.data?.items ?? []} onDone={refresh} />
      ) : one.problem ? (
        <Failed problem={one.problem} retry={one.refresh} />
      ) : (
        <Loading rows={8} />
      )}
    </Page>
  );
}

function Lead({ it }: { it: Known }) {
  return (
    <>
      <a href={linkTo(['projections'], { kind: kindOf(it) })}>{kindOf(it)}</a>
      <Status value={it.state} />
      <span>version {it.version}</span>
    </>
  );
}

function Standing({
  it,
  parked,
  onDone,
}: {
  it: Known;
  parked: readonly ParkedEvent[];
  onDone: () => void;
}) {
  return (
    <>
      {it.rebuild && <Rebuilding rebuild={it.rebuild} />}
      <Figures
        figures={[
          {
            ...{ label: 'Behind', value: count(it.lag) },
            ...{ unit: it.lag === 1 ? 'position' : 'positions', note: lagNote(it) },
          },
          { label: 'Positions per second', value: perSecond(it.positionsPerSecond) },
          { label: 'Position', value: count(it.position) },
          {
            ...{ label: 'Parked streams', value: count(it.parked) },
            ...(it.parked > 0 && {
              ...{ tone: 'bad' as const, note: 'wait for somebody to act' },
              href: linkTo(['dead-letters'], { subscription: it.name }),
            }),
          },
        ]}
      />
      {it.error && (
        <p class="notice notice-bad" role="status">
          <b>{it.error.code ?? it.error.name}</b>: {it.error.message}
          {it.attempts > 0 && ` (${counted(it.attempts, 'attempt')})`}
        </p>
      )}
      <ParkedStreams parked={parked} onDone={onDone} />
      <p class="note">{it.owner ? `It runs in ${it.owner}` : 'No process has taken it'}</p>
    </>
  );
}

/** For how long the first event that it has not handled is in the log. */
function lagNote({ lag, lagSeconds }: Known): string {
  if (lag === 0) return 'up to date';
  return lagSeconds === undefined ? '' : `for ${duration(lagSeconds * 1000)}`;
}

function Rebuilding({ rebuild }: { rebuild: RebuildProgress }) {
  const { position, upTo, events, eventsPerSecond, secondsLeft } = rebuild;
  return (
    <Panel
      title="Being built anew"
      note={`${share(position, upTo)}, ${counted(events, 'event')}, ${perSecond(eventsPerSecond)} per second${
        secondsLeft === undefined ? '' : `, ${duration(secondsLeft * 1000)} left`
      }`}
    >
      <progress class="progress" value={position} max={Math.max(1, upTo)} aria-label="Rebuild" />
    </Panel>
  );
}

const CAN_BE_REBUILT = ['view', 'projection'];

function Acts({ it, onDone }: { it: Known; onDone: () => void }) {
  const { data } = useApiDocument();
  if (!hasVerbs(data)) return null;
  const isHeld = it.state === 'paused' || it.state === 'stopped';
  const verbs: readonly Verb[] = [
    isHeld
      ? verbOf(it, 'resume', 'It goes on where it was.')
      : verbOf(it, 'pause', 'It is held, in all processes, until it is resumed.'),
    ...(CAN_BE_REBUILT.includes(it.kind ?? '')
      ? [
          verbOf(
            it,
            'rebuild',
            'What it has written is built anew, beside what serves, and then takes its place.',
          ),
        ]
      : []),
  ];
  return (
    <>
      {/* One that takes the place of another keeps its focus. */}
      {verbs.map((verb, i) => (
        <VerbButton key={i} verb={verb} onDone={onDone} />
      ))}
    </>
  );
}

function verbOf({ name }: Known, word: 'pause' | 'resume' | 'rebuild', what: string): Verb {
  return {
    ...{ text: `${word.charAt(0).toUpperCase()}${word.slice(1)}`, what },
    path: pathOf(['inspect', 'subscriptions', name, word]),
  };
}
