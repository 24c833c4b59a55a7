import { useState } from 'preact/hooks';
import type { Page } from '../data/answers.js';
import type { Pages } from '../data/use-pages.js';
import { useEvery } from './every.js';
import { At } from './when.js';

const FRESH_MS = 2000;
/** Longer lists are asked for anew when somebody wants it: each page is a question to the server. */
const MOST_FOLLOWED = 1000;

/** Keeps a list fresh, as far as it is there, until one pauses it; else it says of when it is. */
export function Following<Item>({ list }: { list: Pages<Item, Page<Item>> }) {
  const [isLive, setLive] = useState(true);
  const isLong = list.items.length > MOST_FOLLOWED;
  const isFollowed = isLive && !isLong;
  useEvery(isFollowed ? FRESH_MS : undefined, list.refresh);
  return (
    <>
      {!isFollowed && list.at !== undefined && (
        <span class="note">
          as of <At at={list.at} />
        </span>
      )}
      {isLong ? (
        <button type="button" onClick={list.refresh}>
          Look again
        </button>
      ) : (
        <button type="button" aria-pressed={isLive} onClick={() => setLive(!isLive)}>
          {isLive ? 'Pause' : 'Follow'}
        </button>
      )}
    </>
  );
}
