import { useState } from 'preact/hooks';
import type { Page } from '../data/answers.js';
import type { Pages } from '../data/use-pages.js';
import { useEvery } from './every.js';

const FRESH_MS = 2000;

/** Keeps the first page of a list fresh, until one pauses it; those further down would be lost by beginning anew. */
export function Following<Item>({ list, page }: { list: Pages<Item, Page<Item>>; page: number }) {
  const [isLive, setLive] = useState(true);
  useEvery(isLive && list.items.length <= page ? FRESH_MS : undefined, list.refresh);
  return (
    <button type="button" aria-pressed={isLive} onClick={() => setLive(!isLive)}>
      {isLive ? 'Pause' : 'Follow'}
    </button>
  );
}
