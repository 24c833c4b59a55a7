// The module that the host and the shard threads both load.
export { loanApplication } from './loan-application.js';
