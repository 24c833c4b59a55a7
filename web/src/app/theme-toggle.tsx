import { useStore } from '../data/store.js';
import { chosenTheme, nextTheme, theme } from './theme.js';

const TEXTS = { system: 'Auto', light: 'Light', dark: 'Dark' } as const;

/** Goes through the colours: as the system has them, light, dark. */
export function ThemeToggle() {
  useStore(theme);
  const text = TEXTS[chosenTheme()];
  return (
    <button type="button" class="theme" onClick={nextTheme} aria-label={`Colours: ${text}`}>
      <span class="theme-sign" aria-hidden="true" />
      {text}
    </button>
  );
}
