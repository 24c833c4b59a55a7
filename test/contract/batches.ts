export * from '../../src/testing/store-contract/batches.js';
