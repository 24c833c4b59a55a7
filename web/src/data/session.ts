import { createStore } from './store.js';

/*
 * What is remembered for as long as the tab is open: the token that the server asks for, and who says to
 * be operating where the server asks nobody.
 */
const TOKEN = 'troupe.token';
const OPERATOR = 'troupe.operator';

/** The bearer token; empty if there is none. */
export const token = createStore(sessionStorage.getItem(TOKEN) ?? '');
/** The server has refused a request for want of a token that it knows. */
export const isLocked = createStore(false);

export function unlock(given: string): void {
  sessionStorage.setItem(TOKEN, given);
  token.set(given);
  isLocked.set(false);
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN);
  token.set('');
  isLocked.set(true);
}

export const operator = {
  get: (): string => sessionStorage.getItem(OPERATOR) ?? '',
  set: (name: string): void => sessionStorage.setItem(OPERATOR, name),
};
