import { useState } from 'preact/hooks';
import { linkTo } from '../../app/place.js';
import type { Shard } from '../../data/answers.js';
import { perSecond } from '../../format/numbers.js';
import { Panel } from '../../parts/page.js';
import { afterKey } from './grid-keys.js';

interface HeatProps {
  /** Commands per second of each slice. */
  readonly heat: readonly number[];
  readonly shards: readonly Shard[];
  /** Only the slices of this shard are of interest. */
  readonly only: Shard | undefined;
}

const SLICES = Array.from({ length: 256 }, (_, slice) => slice);
const HOTTEST = 8;

/** Where the load is, by slice. */
export function Heat({ heat, shards, only }: HeatProps) {
  const [chosen, setChosen] = useState(only?.slices[0] ?? 0);
  const owners = ownersOf(shards);
  const wanted = only ? new Set(only.slices) : undefined;
  const highest = Math.max(...heat, 0);
  const hottest = SLICES.filter((slice) => (heat[slice] ?? 0) > 0 && (wanted?.has(slice) ?? true))
    .sort((a, b) => (heat[b] ?? 0) - (heat[a] ?? 0))
    .slice(0, HOTTEST);
  return (
    <Panel
      title={only ? `Heat of the slices of shard ${only.shard}` : 'Heat by slice'}
      note={`commands per second, lately; ${heat.length === 0 ? 'being measured' : `${perSecond(highest)} in the hottest`}`}
    >
      <Grid {...{ heat, highest, wanted, chosen, setChosen }} />
      <p class="part">
        Slice {chosen}: {perSecond(heat[chosen] ?? 0)}/s, of <OwnerLink owner={owners[chosen]} />
      </p>
      <h3 class="part">Hottest slices</h3>
      {hottest.length === 0 ? (
        <p class="note">None has had a command lately.</p>
      ) : (
        <ol class="hottest">
          {hottest.map((slice) => (
            <li key={slice}>
              slice {slice} <b>{perSecond(heat[slice])}/s</b> <OwnerLink owner={owners[slice]} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function OwnerLink({ owner }: { owner: number | undefined }) {
  return owner === undefined ? null : <a href={linkTo(['shards', String(owner)])}>shard {owner}</a>;
}

/** One stop of the keyboard; arrows go from slice to slice. */
function Grid({
  heat,
  highest,
  wanted,
  chosen,
  setChosen,
}: {
  heat: readonly number[];
  highest: number;
  wanted: ReadonlySet<number> | undefined;
  chosen: number;
  setChosen: (slice: number) => void;
}) {
  const go = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const columns = getComputedStyle(event.currentTarget).gridTemplateColumns.split(' ').length;
    const next = afterKey(event.key, chosen, { columns, cells: SLICES.length });
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
    (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="heat" role="group" aria-label="Slices" onKeyDown={go}>
      {SLICES.map((slice) => (
        <button
          key={slice}
          type="button"
          class={wanted && !wanted.has(slice) ? 'heat-cell heat-other' : 'heat-cell'}
          tabIndex={slice === chosen ? 0 : -1}
          aria-pressed={slice === chosen}
          aria-label={`slice ${slice}, ${perSecond(heat[slice] ?? 0)} per second`}
          title={`slice ${slice}: ${perSecond(heat[slice] ?? 0)}/s`}
          style={{ '--level': String(levelOf(heat[slice] ?? 0, highest)) }}
          onClick={() => setChosen(slice)}
        />
      ))}
    </div>
  );
}

/** By its square root: what is lukewarm is to be seen beside what is hot. */
function levelOf(value: number, highest: number): number {
  return highest <= 0 ? 0 : Math.round(100 * Math.sqrt(value / highest)) / 100;
}

function ownersOf(shards: readonly Shard[]): readonly (number | undefined)[] {
  const owners: (number | undefined)[] = [];
  for (const { shard, slices } of shards) for (const slice of slices) owners[slice] = shard;
  return owners;
}
