import { describe, it } from 'node:test';
import { MemoryLog } from 'troupe';
import { openMemoryStore } from 'troupe/testing';
import { storeContract } from 'troupe/testing/store-contract';

describe('my store', () => {
  const log = new MemoryLog();
  for (const { name, run } of storeContract(() => openMemoryStore(log))) it(name, run);
});
