/** The name among `names` that `given` is most likely a slip of, if there is one that near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const most = given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3));
  return best && best.distance <= most ? best.name : undefined;
}

/** `expected one of a, b; did you mean a?` without the first two words. */
export function oneOf(names: readonly string[], given: string): string {
  if (names.length === 0) return 'none, since there is none';
  const near = nearest(given, names);
  return `one of ${names.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
}

/** Letters to insert, delete or replace to make one text of the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (before[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    before = row;
  }
  return before[b.length] as number;
}
