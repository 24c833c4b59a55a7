import { createStore } from '../data/store.js';

/** Colours: as the system has them, or as one wants them here. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'troupe.theme';
const ALL: readonly Theme[] = ['system', 'light', 'dark'];

/** What is chosen, and for `system` what that is now: charts are drawn anew when it changes. */
export const theme = createStore<string>('');
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

let chosen: Theme = ALL.find((one) => one === localStorage.getItem(KEY)) ?? 'system';
systemIsDark.addEventListener('change', apply);
apply();

export function chosenTheme(): Theme {
  return chosen;
}

/** Goes on to the next of system, light and dark. */
export function nextTheme(): void {
  chosen = ALL[(ALL.indexOf(chosen) + 1) % ALL.length] ?? 'system';
  localStorage.setItem(KEY, chosen);
  apply();
}

function apply(): void {
  const { dataset } = document.documentElement;
  if (chosen === 'system') delete dataset.theme;
  else dataset.theme = chosen;
  theme.set(`${chosen} ${systemIsDark.matches}`);
}
