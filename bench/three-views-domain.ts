// The account with three views.
export { account } from './domain.js';
export { balances, days, lastMovements } from './views.js';
