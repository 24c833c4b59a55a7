import { isMainThread } from 'node:worker_threads';

export { tally } from '../tally.js';

if (!isMainThread) throw new Error('a mistake at import');
