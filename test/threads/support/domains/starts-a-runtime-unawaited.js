import { isMainThread } from 'node:worker_threads';
import { startRuntime } from 'troupe';

export { tally } from '../tally.js';

const options = {
  domain: new URL(import.meta.url),
  store: /** @type {const} */ ({ kind: 'memory' }),
};
if (!isMainThread) void startRuntime({ ...options, shards: 0 });
