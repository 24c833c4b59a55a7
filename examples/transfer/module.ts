// The module that the host and the shard threads both load.
export { account, transfer } from './domain.js';
export { moneyTransfer } from './money-transfer.js';
