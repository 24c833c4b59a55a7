import { useEffect, useRef } from 'preact/hooks';
import { isLocked } from '../data/session.js';
import { useStore } from '../data/store.js';
import { PAGES } from '../pages/registry.js';
import { Empty } from '../parts/states.js';
import { VerbDialog } from '../parts/verb-button.js';
import { Connection } from './connection.js';
import { Navigation } from './navigation.js';
import type { PageEntry, PageProps } from './page-entry.js';
import { matched } from './place.js';
import { place } from './router.js';
import { ThemeToggle } from './theme-toggle.js';
import { TokenGate } from './token-gate.js';

/** What is around each page. */
export function Shell() {
  const { path, query } = useStore(place);
  const locked = useStore(isLocked);
  const main = useRef<HTMLElement>(null);
  const [page, params] = pageAt(path);
  const at = page ? `${page.path} ${JSON.stringify(params)}` : path.join('/');
  useArrival(main, page ? titleOf(page, params) : 'Not found', at);
  return (
    <>
      <header class="top">
        <button type="button" class="skip" onClick={() => skipTo(main.current)}>
          Skip to the content
        </button>
        <a class="brand" href="#/">
          <span class="brand-sign" aria-hidden="true" />
          Troupe
        </a>
        <Navigation current={page?.under ?? path[0] ?? ''} />
        <div class="top-end">
          <Connection />
          <ThemeToggle />
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {locked ? (
          <TokenGate />
        ) : (
          <Current page={page} props={{ params, query }} key={keyOf(page, params)} />
        )}
        <VerbDialog key={`verb ${keyOf(page, params)}`} />
      </main>
    </>
  );
}

function Current({ page, props }: { page: PageEntry | undefined; props: PageProps }) {
  if (page) return <page.view {...props} />;
  return (
    <Empty title="There is no such page">
      <a href="#/">To the overview</a>
    </Empty>
  );
}

function pageAt(path: readonly string[]): [PageEntry | undefined, PageProps['params']] {
  for (const page of PAGES) {
    const params = matched(page.path, path);
    if (params) return [page, params];
  }
  return [undefined, {}];
}

/** Parts of a page that differ in a last, optional parameter keep what they have. */
function keyOf(page: PageEntry | undefined, params: PageProps['params']): string {
  const { tab: _, ...rest } = params;
  return `${page?.path} ${JSON.stringify(rest)}`;
}

function titleOf({ title }: PageEntry, params: PageProps['params']): string {
  return title.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
}

/** Names the window, and begins a new page at its heading, as a browser does. */
function useArrival(main: { readonly current: HTMLElement | null }, title: string, at: string) {
  const before = useRef(at);
  useEffect(() => {
    document.title = `${title} · Troupe`;
  }, [title]);
  useEffect(() => {
    if (before.current === at) return;
    const isSamePage = before.current.split(' ')[0] === at.split(' ')[0];
    before.current = at;
    if (isSamePage && at.includes('"tab"')) return;
    scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [at, main]);
}

/** No link: what stands behind the `#` of an address is a page. */
function skipTo(main: HTMLElement | null): void {
  main?.focus();
  main?.scrollIntoView();
}
