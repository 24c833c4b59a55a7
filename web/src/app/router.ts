import { createStore, type Store } from '../data/store.js';
import { linkTo, type Place, placeOf, type Query } from './place.js';

/** Where one is now. */
export const place: Store<Place> = createStore(placeOf(location.hash));

addEventListener('hashchange', () => place.set(placeOf(location.hash)));

/** Changes parameters of the query here, without another entry in the history. */
export function setQuery(changes: Query): void {
  const { path, query } = place.get();
  const hash = linkTo(path, { ...Object.fromEntries(query), ...changes });
  history.replaceState(null, '', hash);
  place.set(placeOf(hash));
}

/** Goes to another place. */
export function goTo(path: readonly string[], query?: Query): void {
  location.hash = linkTo(path, query);
}
