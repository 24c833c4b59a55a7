import type { VNode } from 'preact';

/** What a page is given: parameters of its path and of the query. */
export interface PageProps {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** A page as the registry names it. */
export interface PageEntry {
  /** Pattern of its place: `/actors/:aggregate/:id/:tab?`. */
  readonly path: string;
  /** Of the window. Parameters stand in braces: `{aggregate}/{id}`. */
  readonly title: string;
  /** Its name in the navigation; without, it is reached from other pages alone. */
  readonly nav?: string;
  /** Where in the navigation it belongs, if that is not what its path begins with: `sagas`. */
  readonly under?: string;
  readonly view: (props: PageProps) => VNode;
}
