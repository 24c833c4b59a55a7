const isoWithOffset =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const daysInEveryMonth = 28;

/**
 * The instant a date of XES names, in Unix milliseconds; `undefined` if it names none.
 *
 * A date without an offset is none: it would mean another instant on every machine.
 */
export function parseInstant(text: string): number | undefined {
  if (!isoWithOffset.test(text)) return undefined;
  // Date.parse takes 30 February for 1 March.
  if (Number(text.slice(8, 10)) > daysInEveryMonth && !isCalendarDate(text.slice(0, 10)))
    return undefined;
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? undefined : instantMs;
}

function isCalendarDate(date: string): boolean {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnightMs) && new Date(midnightMs).toISOString().startsWith(date);
}
