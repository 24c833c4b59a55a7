import { useId, useState } from 'preact/hooks';
import { setQuery } from '../../app/router.js';
import type { ActorInside, Change, StateAt } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { count } from '../../format/numbers.js';
import { dateAndTime } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Panel } from '../../parts/page.js';
import { Empty, Loaded } from '../../parts/states.js';
import { useSettled } from '../../parts/when.js';

/** Its state at any version, and what the version before it was. */
export function StateTab({ actor, query }: { actor: ActorInside; query: URLSearchParams }) {
  // It may grow many times a second: what one looks at stays until one wants to see more.
  const [last, setLast] = useState(actor.stream.version);
  const newer = actor.stream.version - last;
  const asked = Number(query.get('version') ?? last);
  const version = Math.min(last, Math.max(0, Number.isInteger(asked) ? asked : last));
  const since = Math.min(version, Number(query.get('since') ?? Math.max(0, version - 1)));
  if (last === 0) return <Empty title="There is no state">There are no events of it.</Empty>;
  return (
    <>
      <Panel
        title="Version"
        actions={
          newer > 0 && (
            <button type="button" class="link" onClick={() => setLast(actor.stream.version)}>
              {counted(newer, 'newer event')}
            </button>
          )
        }
      >
        <VersionSlider version={version} last={last} />
      </Panel>
      <Shown actor={actor} version={useSettled(version, 120)} since={useSettled(since, 120)} />
    </>
  );
}

function VersionSlider({ version, last }: { version: number; last: number }) {
  const id = useId();
  // At the last version, it is not named: so it stays the last one.
  const go = (to: number): void =>
    setQuery({ version: to >= last ? undefined : Math.max(0, to), since: undefined });
  return (
    <div class="version">
      <button type="button" disabled={version <= 0} onClick={() => go(version - 1)}>
        Earlier
      </button>
      <div class="version-range">
        <label for={id} class="visually-hidden">
          Version
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={last}
          value={version}
          onInput={({ currentTarget }) => go(Number(currentTarget.value))}
        />
      </div>
      <button type="button" disabled={version >= last} onClick={() => go(version + 1)}>
        Later
      </button>
      <output for={id} class="version-now">
        {count(version)} of {count(last)}
      </output>
    </div>
  );
}

function Shown({ actor, version, since }: { actor: ActorInside; version: number; since: number }) {
  const of = ['inspect', 'actors', actor.aggregate, actor.id];
  const state = useQuery<StateAt>(pathOf([...of, 'state'], { version }), { isKept: true });
  const diff = useQuery<{ changes: readonly Change[]; isCut: boolean }>(
    version > 0 ? pathOf([...of, 'diff'], { from: since, to: version }) : undefined,
    { isKept: true },
  );
  return (
    <div class="columns">
      <Panel title="State" note={state.data && noteOf(state.data)}>
        <Loaded query={state} rows={6}>
          {(found) => <JsonTree value={found.state} />}
        </Loaded>
      </Panel>
      {version > 0 && (
        <Panel
          title={`Changed since version ${since}`}
          actions={
            <button
              type="button"
              class="link"
              onClick={() => setQuery({ since: since === 0 ? undefined : 0 })}
            >
              {since === 0 ? 'since the version before' : 'since the beginning'}
            </button>
          }
        >
          <Loaded query={diff}>
            {({ changes, isCut }) => (
              <>
                <Changes changes={changes} />
                {isCut && <p class="note">There are more changes.</p>}
              </>
            )}
          </Loaded>
        </Panel>
      )}
    </div>
  );
}

function noteOf({ event, replayed, snapshotVersion }: StateAt): string {
  const from = snapshotVersion > 0 ? `snapshot ${snapshotVersion} and ` : '';
  const what = event ? `after ${event.type}, ${dateAndTime(event.occurredAt)}; ` : '';
  return `${what}from ${from}${counted(replayed, 'event')}`;
}

/** What differs between two values, path by path. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <p class="note">Nothing.</p>;
  return (
    <ul class="changes">
      {changes.map(({ path, kind, before, after }) => (
        <li key={path}>
          <code>{path === '' ? '/' : path}</code> <span class="note">{kind}</span>
          {kind !== 'added' && (
            <div class="before">
              <span aria-hidden="true">−</span>
              <span class="visually-hidden">before</span> <JsonTree value={before} depth={1} />
            </div>
          )}
          {kind !== 'removed' && (
            <div class="after">
              <span aria-hidden="true">+</span>
              <span class="visually-hidden">after</span> <JsonTree value={after} depth={1} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
