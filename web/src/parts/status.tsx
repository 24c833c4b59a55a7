import { spoken, type Tone, toneOf } from '../format/words.js';

/** A status as a word with a sign of its tone, which is not by colour alone. */
export function Status({ value, tone = toneOf(value) }: { value: string; tone?: Tone }) {
  return (
    <span class={`status tone-${tone}`}>
      <span class="status-sign" aria-hidden="true" />
      {spoken(value)}
    </span>
  );
}
