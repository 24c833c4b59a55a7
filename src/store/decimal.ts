/** Longest decimal, in characters: more than any double takes, and cheap to compare. */
const MAX_LENGTH = 1500;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/** One text for each decimal: no exponent, no zeros that say nothing. `undefined` for anything else. */
export function decimalText(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint')
    return undefined;
  const given = String(value);
  const match = given.length <= MAX_LENGTH ? DECIMAL.exec(given) : null;
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shifted = shift(whole, fraction, Number(exponent));
  if (shifted.length > MAX_LENGTH) return undefined;
  return shifted === '0' ? '0' : sign + shifted;
}

function shift(whole: string, fraction: string, by: number): string {
  const point = whole.length + by;
  const digits = whole + fraction;
  const padded = '0'.repeat(Math.max(0, -point)) + digits.padEnd(Math.max(0, point), '0');
  const at = Math.max(0, point);
  const front = padded.slice(0, at).replace(/^0+/, '') || '0';
  const back = padded.slice(at).replace(/0+$/, '');
  return back ? `${front}.${back}` : front;
}

/** Orders two decimals as `decimalText` writes them. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaleOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

function scaled(text: string, scale: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(scale - scaleOf(text)));
}
