// What the host and the shard threads both load.
export { balances } from './balances.js';
export { account } from './domain.js';
