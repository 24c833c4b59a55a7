import { isMainThread } from 'node:worker_threads';

export { tally } from '../tally.js';

if (!isMainThread) process.exit(5);
