const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });

/** What stands where there is no figure. */
export const NONE = '–';

/** A number of things: `12,345`. */
export function count(value: number | undefined): string {
  return value === undefined ? NONE : whole.format(value);
}

/** A number of things in few characters: `12.3K`. */
export function compact(value: number | undefined): string {
  if (value === undefined) return NONE;
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
}

/** Any number, as it is. */
export function figure(value: number): string {
  return Number.isFinite(value) ? exact.format(value) : String(value);
}

/** Things per second, with a decimal where there are few. */
export function perSecond(value: number | undefined): string {
  if (value === undefined) return NONE;
  return value < 10 ? oneDecimal(value) : compact(value);
}

/** With one decimal, unless that is 0. */
export function oneDecimal(value: number): string {
  return value.toFixed(1).replace('.0', '');
}

/** A part of a whole: `12 %`; `< 1 %` where there is little. */
export function share(part: number, total: number): string {
  if (total <= 0) return NONE;
  const percent = (100 * part) / total;
  return percent > 0 && percent < 1 ? '< 1 %' : `${Math.round(percent)} %`;
}
