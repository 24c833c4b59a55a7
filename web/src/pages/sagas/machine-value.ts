import type { MachineState, MachineValue } from '../../data/saga-answers.js';

/** Paths of all states in which a machine is, those around them too. */
export function activePaths(value: MachineValue): ReadonlySet<string> {
  const paths = new Set<string>();
  collect(value, '', paths);
  return paths;
}

function collect(value: MachineValue, around: string, paths: Set<string>): void {
  if (value === null) return;
  const inside = typeof value === 'string' ? { [value]: null } : value;
  for (const [name, below] of Object.entries(inside)) {
    const path = around === '' ? name : `${around}.${name}`;
    paths.add(path);
    collect(below, path, paths);
  }
}

/** In which states it is, in few words: `checking (credit scored, papers waiting)`. */
export function valueText(value: MachineValue): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  const parts = Object.entries(value).map(([name, below]) => {
    if (below === null) return name;
    return typeof below === 'string' ? `${name} ${below}` : `${name} (${valueText(below)})`;
  });
  return parts.join(', ');
}

/** All states of a machine, the root first. */
export function statesIn(root: MachineState): readonly MachineState[] {
  return [root, ...root.states.flatMap(statesIn)];
}

/** A path as people read it; the root is the machine itself. */
export function pathText(path: string): string {
  return path === '' ? 'anywhere' : path.replaceAll('.', ' › ');
}
