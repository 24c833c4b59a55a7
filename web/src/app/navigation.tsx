import { useEffect, useState } from 'preact/hooks';
import { useStore } from '../data/store.js';
import { PAGES } from '../pages/registry.js';
import { place } from './router.js';

/** The pages that can be gone to from anywhere. On a narrow screen they stand behind a button. */
export function Navigation({ current }: { current: string }) {
  const [isOpen, setOpen] = useState(false);
  const at = useStore(place);
  // It closes when one has gone somewhere.
  useEffect(() => setOpen(false), [at]);
  return (
    <>
      <button
        type="button"
        class="menu-button"
        aria-expanded={isOpen}
        aria-controls="pages"
        onClick={() => setOpen(!isOpen)}
      >
        Menu
      </button>
      <nav id="pages" class={isOpen ? 'pages pages-open' : 'pages'} aria-label="Pages">
        {PAGES.filter(({ nav }) => nav !== undefined).map(({ path, nav }) => {
          const [, first = ''] = path.split('/');
          return (
            <a key={path} href={`#/${first}`} aria-current={first === current ? 'page' : undefined}>
              {nav}
            </a>
          );
        })}
      </nav>
    </>
  );
}
