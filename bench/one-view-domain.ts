// The account with one view.
export { account } from './domain.js';
export { balances } from './views.js';
