// The module that the host and the shard threads both load.
export { followUpCall } from './follow-up/follow-up-call.js';
export { offerFollowUp } from './follow-up/offer-follow-up.js';
export { loanApplication } from './loan-application.js';
export { dailyCounts } from './views/daily-counts.js';
export { loanOutcomes } from './views/loan-outcomes.js';
export { workQueue } from './views/work-queue.js';
