// The module that the host and the shard threads both load.
export { loanApplication } from './loan-application.js';
export { dailyCounts } from './views/daily-counts.js';
export { loanOutcomes } from './views/loan-outcomes.js';
export { workQueue } from './views/work-queue.js';
