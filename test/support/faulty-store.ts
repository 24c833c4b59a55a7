export type { Fault, Operation, StoreCall } from '../../src/testing/fault-plan.js';
export { FaultyStore } from '../../src/testing/faulty-store.js';
