import type { ComponentChildren } from 'preact';
import type { Tone } from '../format/words.js';

/** A figure of which there are a few at the top of a page. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
  readonly note?: string;
  readonly tone?: Tone;
  readonly href?: string;
}

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl class="figures">
      {figures.map(({ label, value, unit, note, tone, href }) => (
        <div key={label} class={`figure tone-${tone ?? 'quiet'}`}>
          <dt>{href ? <a href={href}>{label}</a> : label}</dt>
          <dd>
            <span class="figure-value">{value}</span>
            {unit && <span class="figure-unit"> {unit}</span>}
            <span class="figure-note">{note ?? '\u00a0'}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Names and what they stand for, in two columns. Those without a value are left out. */
export function Facts({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ComponentChildren])[];
}) {
  const known = facts.filter(([, value]) => value !== undefined && value !== null);
  if (known.length === 0) return null;
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
