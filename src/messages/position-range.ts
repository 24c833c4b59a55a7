/** A run of positions, both ends included. */
export interface PositionRange {
  readonly first: number;
  readonly last: number;
}

/** The runs in some positions. */
export function rangesOf(positions: readonly number[]): PositionRange[] {
  const ranges: PositionRange[] = [];
  let first = positions[0];
  for (let i = 0; i < positions.length && first !== undefined; i++) {
    const last = positions[i] as number;
    if (positions[i + 1] === last + 1) continue;
    ranges.push({ first, last });
    first = positions[i + 1];
  }
  return ranges;
}
