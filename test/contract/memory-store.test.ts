import { MemoryLog } from '../../src/store/memory-log.js';
import { openMemoryStore } from '../../src/store/memory-store.js';
import { storeContract } from './store-contract.js';

storeContract('the store in memory', async () => {
  const log = new MemoryLog();
  return { open: () => openMemoryStore(log), stop: async () => undefined };
});
