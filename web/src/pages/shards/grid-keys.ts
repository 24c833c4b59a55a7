/** Which cell of a grid a key leads to; undefined for keys that lead nowhere. */
export function afterKey(
  key: string,
  cell: number,
  { columns, cells }: { readonly columns: number; readonly cells: number },
): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: cell - 1,
    ArrowRight: cell + 1,
    ArrowUp: cell - columns,
    ArrowDown: cell + columns,
    Home: 0,
    End: cells - 1,
  };
  const next = steps[key];
  return next === undefined || next < 0 || next >= cells ? undefined : next;
}
